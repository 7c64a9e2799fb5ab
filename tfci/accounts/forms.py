"""What people fill in about teams, tokens and themselves."""

from zoneinfo import available_timezones

from django import forms

from tfci.accounts.models import Role, Scope, User


class TeamForm(forms.Form):
    name = forms.CharField(label="Name of the team", max_length=60)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=60, help_text="What uses it: “deploy script”, “status board”.")
    scope = forms.ChoiceField(
        choices=[
            (Scope.READ, "Read: see jobs, pools, machines and spend"),
            (Scope.WRITE, "Write: also link forges, change pools and retire machines"),
        ],
        initial=Scope.READ,
        widget=forms.RadioSelect,
    )


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        help_text="Pages show times in this zone.",
    )

    class Meta:
        model = User
        fields = ["name", "time_zone"]
        labels = {"name": "Your name"}
        help_texts = {"name": "How others of your teams see you. Your email address stands beside it."}
