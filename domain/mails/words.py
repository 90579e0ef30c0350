"""What the mails say, in German and English; values stand in `{{ … }}`, `{% if … %}` where one may be absent."""

from dataclasses import dataclass

from domain.mails.kinds import Language, MailTemplate


@dataclass(frozen=True)
class Wording:
    """One mail in one language, from its subject to the line under the button."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: str
    note: str


@dataclass(frozen=True)
class Frame:
    """What stands around every mail of a language."""

    greeting: str
    greeting_without_name: str
    closing: str
    instead: str
    footer: str


_FROM_DE = "{% if ip %} von der Adresse {{ ip }}{% endif %}"
_FROM_EN = "{% if ip %} from the address {{ ip }}{% endif %}"

FRAMES: dict[Language, Frame] = {
    Language.DE: Frame(
        greeting="Guten Tag {{ name }},",
        greeting_without_name="Guten Tag,",
        closing="Freundliche Grüße",
        instead="Falls sich die Schaltfläche nicht öffnen lässt, kopieren Sie diese Adresse in den Browser:",
        footer="Diese Nachricht wurde automatisch für {{ agency }} versandt, weil sie Ihr Benutzerkonto betrifft.",
    ),
    Language.EN: Frame(
        greeting="Hello {{ name }},",
        greeting_without_name="Hello,",
        closing="Kind regards",
        instead="If the button does not open, copy this address into your browser:",
        footer="This message was sent automatically on behalf of {{ agency }} because it concerns your user account.",
    ),
}

WORDINGS: dict[tuple[MailTemplate, Language], Wording] = {
    (MailTemplate.VERIFICATION, Language.DE): Wording(
        "Bitte bestätigen Sie Ihre E-Mail-Adresse",
        "E-Mail-Adresse bestätigen",
        (
            "mit dieser Adresse wurde ein Benutzerkonto bei {{ agency }} angelegt.",
            "Bitte bestätigen Sie, dass sie Ihnen gehört. Die Schaltfläche funktioniert 24 Stunden lang.",
        ),
        "Adresse bestätigen",
        "Sie haben kein Konto angelegt? Dann brauchen Sie nichts zu tun.",
    ),
    (MailTemplate.VERIFICATION, Language.EN): Wording(
        "Please confirm your e-mail address",
        "Confirm your e-mail address",
        (
            "A user account at {{ agency }} was created with this address.",
            "Please confirm that it is yours. The button works for 24 hours.",
        ),
        "Confirm address",
        "You did not create an account? Then there is nothing to do.",
    ),
    (MailTemplate.WELCOME, Language.DE): Wording(
        "Willkommen bei {{ agency }}",
        "Willkommen an Bord",
        (
            "Ihr Zugang zu {{ agency }} ist eingerichtet.",
            "Legen Sie am besten gleich Ihre erste Immobilie an und laden Sie Ihr Team ein.",
        ),
        "Zur Anwendung",
        "Bewahren Sie Ihr Passwort sicher auf; wir werden Sie nie danach fragen.",
    ),
    (MailTemplate.WELCOME, Language.EN): Wording(
        "Welcome to {{ agency }}",
        "Welcome aboard",
        (
            "Your access to {{ agency }} is ready.",
            "A good way to begin is to add your first property and to invite your team.",
        ),
        "Open the application",
        "Keep your password safe; we will never ask you for it.",
    ),
    (MailTemplate.PASSWORD_RESET, Language.DE): Wording(
        "Passwort zurücksetzen",
        "Neues Passwort festlegen",
        (
            "für Ihr Benutzerkonto wurde ein neues Passwort angefordert.",
            "Die Schaltfläche funktioniert eine Stunde lang und nur einmal. Danach werden alle Geräte abgemeldet.",
        ),
        "Passwort festlegen",
        "Sie haben nichts angefordert? Dann bleibt Ihr bisheriges Passwort gültig.",
    ),
    (MailTemplate.PASSWORD_RESET, Language.EN): Wording(
        "Reset your password",
        "Choose a new password",
        (
            "A new password was requested for your user account.",
            "The button works for one hour and only once. Afterwards all devices are signed out.",
        ),
        "Choose a password",
        "You did not request this? Then your present password stays valid.",
    ),
    (MailTemplate.PASSWORD_CHANGED, Language.DE): Wording(
        "Ihr Passwort wurde geändert",
        "Passwort geändert",
        (
            "das Passwort Ihres Benutzerkontos wurde am {{ at | moment }}" + _FROM_DE + " geändert.",
            "Alle anderen Geräte wurden abgemeldet.",
        ),
        "Das war ich nicht",
        "Waren Sie es selbst, brauchen Sie nichts zu tun.",
    ),
    (MailTemplate.PASSWORD_CHANGED, Language.EN): Wording(
        "Your password was changed",
        "Password changed",
        (
            "The password of your user account was changed on {{ at | moment }}" + _FROM_EN + ".",
            "All other devices were signed out.",
        ),
        "This was not me",
        "If it was you, there is nothing to do.",
    ),
    (MailTemplate.ADDRESS_TAKEN, Language.DE): Wording(
        "Für diese Adresse gibt es bereits ein Konto",
        "Sie haben schon ein Konto",
        (
            "jemand wollte"
            + _FROM_DE
            + " mit Ihrer E-Mail-Adresse ein neues Konto anlegen. Es gibt aber bereits eines.",
            "Waren Sie es selbst und kennen Ihr Passwort nicht mehr, können Sie es zurücksetzen.",
        ),
        "Passwort zurücksetzen",
        "Waren Sie es nicht, brauchen Sie nichts zu tun: An Ihrem Konto wurde nichts geändert.",
    ),
    (MailTemplate.ADDRESS_TAKEN, Language.EN): Wording(
        "There is an account for this address already",
        "You have an account already",
        (
            "Somebody tried to create a new account with your e-mail address" + _FROM_EN + ". There is one already.",
            "If it was you and you no longer know your password, you can reset it.",
        ),
        "Reset password",
        "If it was not you, there is nothing to do: nothing about your account has changed.",
    ),
    (MailTemplate.INVITATION, Language.DE): Wording(
        "{{ inviter }} lädt Sie zu {{ agency }} ein",
        "Einladung zu {{ agency }}",
        (
            "{{ inviter }} hat Sie eingeladen, bei {{ agency }} mitzuarbeiten"
            "{% if role %}, in der Rolle „{{ role }}“{% endif %}.",
            "Die Einladung gilt bis zum {{ expires | moment }}.",
        ),
        "Einladung annehmen",
        "Sie erwarten keine Einladung? Dann brauchen Sie nichts zu tun.",
    ),
    (MailTemplate.INVITATION, Language.EN): Wording(
        "{{ inviter }} invites you to {{ agency }}",
        "Invitation to {{ agency }}",
        (
            "{{ inviter }} has invited you to work with {{ agency }}{% if role %}, as “{{ role }}”{% endif %}.",
            "The invitation is valid until {{ expires | moment }}.",
        ),
        "Accept invitation",
        "You do not expect an invitation? Then there is nothing to do.",
    ),
    (MailTemplate.NEW_DEVICE, Language.DE): Wording(
        "Anmeldung von einem neuen Gerät",
        "Neue Anmeldung",
        (
            "an Ihrem Benutzerkonto hat sich am {{ at | moment }} ein neues Gerät angemeldet: {{ device }}"
            + _FROM_DE
            + ".",
            "Waren Sie es selbst, brauchen Sie nichts zu tun.",
        ),
        "Das war ich nicht",
        "Mit einem neuen Passwort werden alle Geräte abgemeldet.",
    ),
    (MailTemplate.NEW_DEVICE, Language.EN): Wording(
        "Sign-in from a new device",
        "New sign-in",
        (
            "A new device signed in to your user account on {{ at | moment }}: {{ device }}" + _FROM_EN + ".",
            "If it was you, there is nothing to do.",
        ),
        "This was not me",
        "Choosing a new password signs out all devices.",
    ),
    (MailTemplate.ACCOUNT_LOCKED, Language.DE): Wording(
        "Ihr Konto ist vorübergehend gesperrt",
        "Konto vorübergehend gesperrt",
        (
            "an Ihrem Benutzerkonto wurde mehrmals ein falsches Passwort eingegeben" + _FROM_DE + ".",
            "Zu Ihrem Schutz ist die Anmeldung für {{ minutes }} Minuten gesperrt. Danach ist sie wieder möglich.",
        ),
        "Passwort zurücksetzen",
        "Waren Sie es nicht, ist ein neues, langes Passwort eine gute Idee.",
    ),
    (MailTemplate.ACCOUNT_LOCKED, Language.EN): Wording(
        "Your account is locked for a while",
        "Account locked for a while",
        (
            "A wrong password was entered several times for your user account" + _FROM_EN + ".",
            "To protect you, signing in is locked for {{ minutes }} minutes. After that it works again.",
        ),
        "Reset password",
        "If it was not you, a new and long password is a good idea.",
    ),
    (MailTemplate.TEST, Language.DE): Wording(
        "Testnachricht von {{ agency }}",
        "Der Versand funktioniert",
        ("diese Nachricht prüft den E-Mail-Versand von {{ agency }}. Sie ist angekommen.",),
        "Zur Anwendung",
        "Sie brauchen nichts zu tun.",
    ),
    (MailTemplate.TEST, Language.EN): Wording(
        "Test message from {{ agency }}",
        "Sending mail works",
        ("This message tests how {{ agency }} sends mail. It has arrived.",),
        "Open the application",
        "There is nothing to do.",
    ),
}
