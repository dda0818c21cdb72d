"""What the demo's sales team talks about with its customers, stage by stage."""

from __future__ import annotations

Choices = tuple[tuple[str, str, str], ...]
"""Type, subject and description; {who} is the contact's first name."""

DONE: dict[str, Choices] = {
    "lead": (
        ("call", "First call with {who}", "Asked about volumes and who decides. Open to a visit."),
        ("email", "Brochure and reference list", "Sent the two-page overview and three references."),
        ("note", "Heard about it at the trade fair", "They still count by hand and close the doors to do it."),
    ),
    "qualified": (
        ("meeting", "Site visit with {who}", "Walked the aisles. Wi-Fi is weak at the far docks: plan two antennas."),
        ("call", "Budget and timing", "Budget is approved for this year, the go-live should avoid peak season."),
        ("email", "Questions about integration", "They need orders from the ERP every ten minutes, not nightly."),
    ),
    "proposal": (
        ("email", "Sent the proposal", "Valid for 30 days. Options for rental and for purchase."),
        ("meeting", "Demo for the shift leads", "Two devices on the table. The lighter one won at once."),
        ("call", "Walked {who} through the prices", "Wants the support hours spelled out."),
    ),
    "negotiation": (
        ("meeting", "Contract review with {who}", "Open points: payment in two instalments, spare devices on site."),
        ("call", "Discount on the second site", "Offered 6 % if both sites sign together."),
        ("email", "Revised offer", "With instalments and a swap service within 24 hours."),
    ),
    "won": (("email", "Order confirmation", "Signed. Handed over to delivery, kick-off next week."),),
    "lost": (("note", "Why we lost it", "Stay in touch: ask again in half a year."),),
}
NEXT: dict[str, Choices] = {
    "lead": (
        ("call", "Call {who} back", "Best in the morning."),
        ("email", "Send a few dates for a visit", ""),
        ("call", "Find out who decides", ""),
        ("email", "Send the two-page overview", ""),
    ),
    "qualified": (
        ("meeting", "Visit with {who}", "Bring two demo devices and the antenna case."),
        ("call", "Ask {who} who signs", ""),
        ("email", "Send reference calls", ""),
        ("call", "Agree on the pilot's length", ""),
    ),
    "proposal": (
        ("call", "Follow up on the proposal", ""),
        ("meeting", "Demo at the warehouse", "Ask for the shift leads to be there."),
        ("email", "Send specs", ""),
        ("email", "Answer the security questions", ""),
    ),
    "negotiation": (
        ("meeting", "Sign the contract with {who}", ""),
        ("call", "Clear the last two points", ""),
        ("email", "Send the final contract", ""),
    ),
}
ABOUT_PEOPLE: Choices = (
    ("call", "Quarterly catch-up with {who}", "All fine with the devices. Mentioned a second shift from autumn."),
    ("note", "Prefers e-mail", "Reads mail in the evening, hardly ever picks up the phone."),
    ("meeting", "Lunch at the trade fair", "Good talk about labels for frozen goods."),
    ("email", "Thank-you for the reference", ""),
)
