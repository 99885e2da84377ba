# Decibels and back.


def add(cases):
    def to_db(name, args, function="power_to_db"):
        for fed, tolerance in ((None, "db"), ("float64", "db64")):
            name_64 = name + ("-64" if fed else "")
            cases.add("levels", name_64, function, f"librosa.{function}", args, tolerance, dtype=fed)

    for function in ("power_to_db", "amplitude_to_db"):
        to_db("plain", {"S": "power"}, function)
        to_db("no-floor", {"S": "power", "top_db": None}, function)
        to_db("floor-30", {"S": "power2", "top_db": 30.0}, function)
        to_db("floor-0", {"S": "power2", "top_db": 0.0}, function)
        to_db("ref", {"S": "power", "ref": 2.5, "top_db": None}, function)
        to_db("ref-below-amin", {"S": "power", "ref": 1e-12, "top_db": None}, function)
        to_db("ref-max", {"S": "power2", "ref": "numpy.max"}, function)
        to_db("amin", {"S": "power", "amin": 1e-3, "top_db": None}, function)
        to_db("silence", {"S": "silence"}, function)
        to_db("zeros", {"S": "mostly_zero"}, function)
        to_db("one", {"S": "one", "ref": "numpy.max"}, function)
        cases.same_defaults("levels", function, f"librosa.{function}", {"S": "power"}, {})
    to_db("two-sided", {"S": "noise", "top_db": None}, "amplitude_to_db")
    for function in ("db_to_power", "db_to_amplitude"):
        for ref in (1.0, 0.25):
            args = {"S_db": "decibels", "ref": ref}
            cases.add("levels", f"ref-{ref}", function, f"librosa.{function}", args, "ratio", dtype="float64")
        cases.same_defaults("levels", function, f"librosa.{function}", {"S_db": "decibels"}, {})
