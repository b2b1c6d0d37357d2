"""What the fields of a lead, and what becomes of leads, are called on the pages."""

from __future__ import annotations

from console.desk.texts import N_

FIELDS = {
    "number": N_("Telephone number"),
    "name": N_("Name"),
    "scam_type": N_("Scam type"),
    "grade": N_("Risk grade"),
    "language": N_("Language"),
    "sex": N_("Sex"),
    "age": N_("Age"),
    "note": N_("Notes"),
    "group": N_("Group"),
    "amount": N_("Amount"),
    "source": N_("Warned by"),
    "warned_at": N_("Time of the warning"),
    "expires_at": N_("Void from"),
    "address": N_("Address"),
    "precinct": N_("Precinct"),
    "city": N_("City"),
    "district": N_("District"),
    "station": N_("Police station"),
    "community": N_("Community"),
    "time_zone": N_("Time zone"),
    "accounts": N_("Suspect accounts"),
    "relatives": N_("Relatives"),
    "relative_name": N_("Relative's name"),
    "relative_number": N_("Relative's number"),
    "relation": N_("Relation"),
}
"""By the keys of `campaigns.intake.words.HEADINGS`."""

FATES = {
    "rejected": N_("The row cannot be taken"),
    "never_dialled": N_("An emergency or service number"),
    "same_number_above": N_("The same number stands above"),
    "open_case": N_("Adds to a case that is open"),
    "imported_before": N_("The file was imported before"),
    "suppressed": N_("The number is suppressed"),
    "expired": N_("The lead has expired"),
    "called_before": N_("Called a short while ago, or often today"),
    "waits": N_("Not called; waits for what is ordered"),
    "calling_hours": N_("Outside the calling hours"),
}
"""Why leads are called later or never; see `campaigns.preview.Preview`."""
