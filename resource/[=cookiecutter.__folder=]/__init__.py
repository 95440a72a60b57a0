"""[= (cookiecutter | resource).labels =]."""
