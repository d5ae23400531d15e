"""Who works in the demo's ward. Invented, and gone with it; their PINs are made anew each time."""

PEOPLE = (
    ("nina", "Nina Okafor", "nurse"),
    ("cleo", "Cleo Marsh", "charge_nurse"),
    ("theo", "Theo Lind", "technician"),
    ("petra", "Petra Vance", "pharmacist"),
    ("avery", "Avery Stone", "auditor"),
    ("emil", "Emil Rask", "biomedical_engineer"),
    ("ada", "Ada Holm", "administrator"),
)

TERMINAL, SERVICE = "med-room", "pharmacy"
