from datetime import datetime
from typing import Any

from django.conf import settings as site
from django.contrib import auth, messages
from django.contrib.auth import views as auth_views
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from exam_sim.accounts import audit, changes, registration, removal, roles, throttle
from exam_sim.accounts.addresses import network_of
from exam_sim.accounts.forms import (
    ChangePasswordForm,
    LoginForm,
    NewPasswordForm,
    RemovalForm,
    ResetForm,
    SettingsForm,
    SignUpForm,
    ThemeForm,
)
from exam_sim.accounts.guests import IDLE
from exam_sim.accounts.models import Action, User, fold_email
from exam_sim.http import Request

GET_OR_POST = ["GET", "HEAD", "POST"]


def wanted_next(request: HttpRequest) -> str:
    """Where to go afterwards: `next`, if it is a path of this site; else nothing.

    Words without a slash are turned away too: `redirect` would take them for the name of a view.
    """
    url = request.POST.get("next", request.GET.get("next", ""))
    safe = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, allowed_hosts=None, require_https=request.is_secure()
    )
    return url if safe else ""


def go_on(request: HttpRequest) -> HttpResponse:
    return redirect(wanted_next(request) or resolve_url(site.LOGIN_REDIRECT_URL))


def is_guest(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_guest


# Coming and going


@sensitive_post_parameters()
@never_cache
@require_http_methods(GET_OR_POST)
def login(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and not is_guest(request):
        return go_on(request)
    now = timezone.now()
    form = LoginForm(request, request.POST or None, is_guest=is_guest(request), now=now)
    if form.is_valid():
        user = form.get_user()
        auth.login(request, user)
        if isinstance(user, User) and user.is_staff:
            audit.note(Action.LOGIN, user, by=user, at=now)
        return go_on(request)
    return render(request, "accounts/login.html", {"form": form, "next": wanted_next(request)})


def admin_door(request: Request) -> HttpResponse:
    """In place of the administration's own log-in, so that there is one door to guard: who is logged in goes
    on or is told that the administration is not theirs; everybody else was sent to log in before."""
    if not request.user.is_staff:
        raise PermissionDenied("The administration is for instructors and administrators.")
    return redirect(wanted_next(request) or "admin:index")


@require_http_methods(GET_OR_POST)
def logout(request: Request) -> HttpResponse:
    """A guest is asked first, because there is no way back; so is anybody who comes by a link."""
    if request.method != "POST" or (request.user.is_guest and "confirmed" not in request.POST):
        return render(request, "accounts/logout.html")
    auth.logout(request)
    messages.success(request, "You are logged out.")
    return redirect(site.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters()
@never_cache
@require_http_methods(GET_OR_POST)
def sign_up(request: HttpRequest) -> HttpResponse:
    """Makes an account, or gives a guest one on the same row; the session's key changes either way.

    It has to say that an address is taken, and so tells whether an account exists: an account may be used at
    once, without a mail that would say it in secret. The limit counts every form that is sent.
    """
    if request.user.is_authenticated and not is_guest(request):
        return go_on(request)
    if not site.SIGN_UP:
        raise PermissionDenied("New accounts are not taken here.")
    now = timezone.now()
    if request.method == "POST":
        throttle.charge([throttle.SIGN_UP.of(network_of(request))], now)
    form = SignUpForm(request.POST or None, initial={"name": getattr(request.user, "name", "")})
    if form.is_valid():
        try:
            take_account(request, form, now)
        except registration.EmailTakenError:
            form.refuse_email()
        except registration.NotAGuestError:
            return go_on(request)
        else:
            messages.success(request, "Your account is ready.")
            return go_on(request)
    return render(request, "accounts/sign_up.html", {"form": form, "next": wanted_next(request)})


def take_account(request: HttpRequest, form: SignUpForm, now: datetime) -> None:
    user = request.user
    if isinstance(user, User):
        registration.become_account(user, **form.cleaned_data, now=now)
        auth.update_session_auth_hash(request, user)
        request.session.set_expiry(None)
    else:
        auth.login(request, registration.register(**form.cleaned_data, now=now))


@require_http_methods(GET_OR_POST)
def guest(request: HttpRequest) -> HttpResponse:
    """Lets somebody in without an account. Whoever is in already stays who they are."""
    if request.method != "POST":
        return redirect(site.LOGIN_REDIRECT_URL)
    if not request.user.is_authenticated:
        if not site.GUESTS:
            raise PermissionDenied("Guests are not taken here: create an account.")
        now = timezone.now()
        throttle.charge([throttle.GUEST.of(network_of(request))], now)
        auth.login(request, registration.register_guest(now))
        request.session.set_expiry(int(IDLE.total_seconds()))
    return go_on(request)


# Settings


@require_http_methods(GET_OR_POST)
def settings(request: Request) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if form.is_valid():
        changes.change(request.user, form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, "Your settings are saved.")
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", {"form": form})


@require_http_methods(GET_OR_POST)
def theme(request: Request) -> HttpResponse:
    """The small switch at the foot of each page; goes back to that page."""
    form = ThemeForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return redirect("accounts:settings")
    User.objects.filter(pk=request.user.pk).update(theme=form.cleaned_data["theme"])
    return go_on(request)


class PasswordChange(auth_views.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("accounts:settings")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_guest(request):
            return redirect("accounts:sign_up")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "now": timezone.now()}

    def form_valid(self, form: ChangePasswordForm) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Other devices are logged out.")
        return super().form_valid(form)


class PasswordReset(auth_views.PasswordResetView):
    """The same answer, and the same limit, for addresses with an account and without."""

    form_class = ResetForm
    template_name = "accounts/password_reset.html"
    email_template_name = "accounts/password_reset_mail.txt"
    subject_template_name = "accounts/password_reset_subject.txt"
    success_url = reverse_lazy("accounts:password_reset_done")

    def form_valid(self, form: ResetForm) -> HttpResponse:
        account = throttle.RESET_ACCOUNT.of(fold_email(form.cleaned_data["email"]))
        address = throttle.RESET_ADDRESS.of(network_of(self.request))
        throttle.charge([account, address], timezone.now())
        return super().form_valid(form)


class PasswordResetConfirm(auth_views.PasswordResetConfirmView):
    """Whoever has the mail may log in at once, though their account or address has to wait."""

    form_class = NewPasswordForm
    template_name = "accounts/password_reset_confirm.html"
    success_url = reverse_lazy("accounts:password_reset_complete")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "now": timezone.now()}

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        throttle.vouch(self.request, form.user.email or "")
        return response


@sensitive_post_parameters()
@never_cache
@require_http_methods(GET_OR_POST)
def delete(request: Request) -> HttpResponse:
    now = timezone.now()
    form = RemovalForm(request.user, request.POST or None, now=now)
    is_last_administrator = roles.is_last_administrator(request.user)
    if not is_last_administrator and form.is_valid():
        gone = str(request.user.pk)
        try:
            removal.remove(request.user, now)
        except removal.LastAdministratorError:
            is_last_administrator = True
        else:
            auth.logout(request)
            farewell = "Everything of yours is deleted. Goodbye, and good luck with the exam."
            messages.success(request, farewell, extra_tags=gone)  # what static/js/kept.js is to forget
            return redirect(site.LOGOUT_REDIRECT_URL)
    context = {
        "form": form,
        "is_last_administrator": is_last_administrator,
        "losses": removal.losses(request.user),
        "collections": request.user.collections.order_by("title"),
    }
    return render(request, "accounts/delete.html", context)
