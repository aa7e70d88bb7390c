from django.contrib.auth import views as auth_views
from django.urls import path

from exam_sim.accounts import views

app_name = "accounts"

urlpatterns = [
    # Coming and going
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("sign-up/", views.sign_up, name="sign_up"),
    path("guest/", views.guest, name="guest"),
    # Settings
    path("settings/", views.settings, name="settings"),
    path("theme/", views.theme, name="theme"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path("delete/", views.delete, name="delete"),
    # A forgotten password
    path("password/reset/", views.PasswordReset.as_view(), name="password_reset"),
    path(
        "password/reset/sent/",
        auth_views.PasswordResetDoneView.as_view(template_name="accounts/password_reset_done.html"),
        name="password_reset_done",
    ),
    path(
        "password/reset/<uidb64>/<token>/",
        views.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "password/reset/complete/",
        auth_views.PasswordResetCompleteView.as_view(template_name="accounts/password_reset_complete.html"),
        name="password_reset_complete",
    ),
]
