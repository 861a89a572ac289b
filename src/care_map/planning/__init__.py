"""Where to build next and who goes where: models over pairs of travel times."""
