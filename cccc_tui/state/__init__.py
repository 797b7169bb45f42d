"""What must survive a restart, in SQLite behind one writer thread; never the user's configuration."""
