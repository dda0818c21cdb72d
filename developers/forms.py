"""The form that takes a schema to be compared."""

from __future__ import annotations

from django import forms

from developers.schema_check import LONGEST, Difference, UnreadableSchemaError, differences


class SchemaForm(forms.Form):
    """Takes JSON; `differences` is there when it is valid."""

    schema = forms.CharField(
        label="Schema of your app, as JSON",
        help_text="As this page's download has it, as /parse/schemas answers it, a list of classes, or one class: "
        '{"className": "Deal", "fields": {"title": {"type": "String"}}}',
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code-input", "autocomplete": "off"}),
    )
    differences: list[Difference]

    def clean_schema(self) -> str:
        """Compare it, and say what is wrong with what is no schema."""
        text: str = self.cleaned_data["schema"]
        try:
            self.differences = differences(text)
        except UnreadableSchemaError as error:
            raise forms.ValidationError(str(error)) from error
        return text
