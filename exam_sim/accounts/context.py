from django.conf import settings
from django.http import HttpRequest


def doors(request: HttpRequest) -> dict[str, bool]:
    """Which ways in are open, for any page that offers them."""
    return {"sign_up_open": settings.SIGN_UP, "guests_open": settings.GUESTS}
