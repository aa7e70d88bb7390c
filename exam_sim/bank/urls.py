from django.urls import URLPattern

app_name = "bank"

urlpatterns: list[URLPattern] = [
    # Questions
    # Exporting
    # Uploading
    # Imports
    # Sitting as a candidate
]
