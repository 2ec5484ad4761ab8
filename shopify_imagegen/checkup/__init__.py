"""`doctor`: how an installation is, as findings that each say what to do."""
