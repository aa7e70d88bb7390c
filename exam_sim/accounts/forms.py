from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from exam_sim.accounts import audit, changes, throttle
from exam_sim.accounts.addresses import network_of
from exam_sim.accounts.models import EMAIL_LENGTH, Action, Theme, User, fold_email

MAILS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
"""Sends mails after the answer, so that the time it takes does not tell whether there is an account."""


def password_help() -> str:
    """The rules as sentences of one paragraph, where Django gives a list."""
    return " ".join(password_validators_help_texts())


class LoginForm(AuthenticationForm):
    """`username` is the e-mail address; whoever comes as a guest has to agree to leave the guest behind.

    Validating it raises TooManyError, when this account or this address has to wait.
    """

    username = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(
            attrs={"autocomplete": "username", "inputmode": "email", "spellcheck": "false"}
        ),
    )
    leave_guest = forms.BooleanField(label="Log in and leave what I did as a guest behind")
    error_messages = {
        "invalid_login": "This e-mail address and this password do not belong together. "
        "Mind upper and lower case in the password.",
        "inactive": "This account is closed.",
    }

    def __init__(
        self, request: HttpRequest, *args: Any, is_guest: bool, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(request, *args, **kwargs)
        self.now = now
        if not is_guest:
            del self.fields["leave_guest"]

    def clean(self) -> dict[str, Any]:
        """Charges first, then looks at the password. The log of wrong ones is for accounts of staff; its look
        at the account is the same for every address."""
        email, request = self.cleaned_data.get("username"), self.request
        if not email or not self.cleaned_data.get("password") or request is None:
            return super().clean()
        account = throttle.account(email)
        address = throttle.LOGIN_ADDRESS.of(network_of(request))
        vouched = throttle.is_vouched(request, account)
        if not vouched:
            throttle.charge([account, address], self.now)
        try:
            values = super().clean()
        except ValidationError:
            user = User.objects.by_email(email)
            if user is not None and user.is_staff:
                audit.note(Action.LOGIN_FAILED, user, by=None, at=self.now)
            raise
        throttle.forget(account)
        if not vouched:
            throttle.give_back(address, self.now)
        return values


class SignUpForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=EMAIL_LENGTH,
        help_text="You log in with it. It is used for nothing but a forgotten password.",
        widget=forms.EmailInput(
            attrs={"autocomplete": "username", "inputmode": "email", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        label="Name",
        max_length=120,
        required=False,
        help_text="Optional. Shown to you, and to instructors.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_help()

    def clean_email(self) -> str:
        email = fold_email(self.cleaned_data["email"])
        if len(email) > EMAIL_LENGTH:  # folding makes some letters longer
            raise ValidationError(f"Use an address of at most {EMAIL_LENGTH} characters.")
        if User.objects.by_email(email):
            self.refuse_email()
        return email

    def refuse_email(self) -> None:
        self.add_error(
            "email", "There is already an account with this address: log in, or reset its password."
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "password" in values:
            person = User(email=values.get("email"), name=values.get("name", ""))
            try:
                validate_password(values["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return values


def check_own_password(user: User, password: str, now: datetime) -> bool:
    """Whether it is the password of `user`, who is logged in. Raises TooManyError after too many that were
    not: a session left open must not be enough to find it out."""
    guesses = throttle.PASSWORD.of(str(user.pk))
    throttle.charge([guesses], now)
    right = user.check_password(password)
    if right:
        throttle.forget(guesses)
    return right


class PasswordColumnMixin:
    """Writes the password alone, where Django's forms save the whole row: it has other writers."""

    user: User
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["new_password1"].help_text = password_help()

    def save(self, commit: bool = True) -> User:
        changes.set_password(self.user, self.cleaned_data["new_password1"], by=self.user, now=self.now)
        return self.user


class ChangePasswordForm(PasswordColumnMixin, PasswordChangeForm):
    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not check_own_password(self.user, password, self.now):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


class NewPasswordForm(PasswordColumnMixin, SetPasswordForm):
    pass


class ResetForm(PasswordResetForm):
    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        MAILS.submit(super().send_mail, *args, **kwargs)


class SettingsForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", "extra_time", "theme", "character_keys")
        labels = {
            "extra_time": "Extra time",
            "theme": "Appearance",
            "character_keys": "Single-key shortcuts",
        }
        help_texts = {
            "name": "Optional. Shown to you, and to instructors.",
            "extra_time": "An accommodation that test centres grant on request: take the one you will have "
            "on the day. It counts from the next exam you start; an open exam keeps the time it began with.",
            "character_keys": "1 to 6 choose an option, N and P move, F flags, R reviews; in study sessions "
            "S and U say how sure you are, and C checks. "
            "Switch them off if you use speech input or hit keys by mistake.",
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "extra_time": forms.RadioSelect,
            "theme": forms.RadioSelect,
        }


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=Theme.choices)


class RemovalForm(forms.Form):
    """Asks for the password; who has none that works, as a guest, ticks a box."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label="Yes, delete everything")

    def __init__(self, user: User, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now = user, now
        del self.fields["password" if user.is_guest or not user.has_usable_password() else "sure"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not check_own_password(self.user, password, self.now):
            raise ValidationError("This is not your password. Mind upper and lower case.")
        return password
