"""People: the classes _User, _Session and _Role."""
