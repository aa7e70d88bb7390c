from django.contrib.auth import views as auth_views
from django.urls import path, reverse_lazy

from exam_sim.accounts import views
from exam_sim.accounts.forms import NewPasswordForm

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
    path(
        "password/reset/",
        auth_views.PasswordResetView.as_view(
            template_name="accounts/password_reset.html",
            email_template_name="accounts/password_reset_mail.txt",
            subject_template_name="accounts/password_reset_subject.txt",
            success_url=reverse_lazy("accounts:password_reset_done"),
        ),
        name="password_reset",
    ),
    path(
        "password/reset/sent/",
        auth_views.PasswordResetDoneView.as_view(template_name="accounts/password_reset_done.html"),
        name="password_reset_done",
    ),
    path(
        "password/reset/<uidb64>/<token>/",
        auth_views.PasswordResetConfirmView.as_view(
            form_class=NewPasswordForm,
            template_name="accounts/password_reset_confirm.html",
            success_url=reverse_lazy("accounts:password_reset_complete"),
        ),
        name="password_reset_confirm",
    ),
    path(
        "password/reset/complete/",
        auth_views.PasswordResetCompleteView.as_view(template_name="accounts/password_reset_complete.html"),
        name="password_reset_complete",
    ),
]
