"""What collectors, pastes and terminals put round lines, undone."""
