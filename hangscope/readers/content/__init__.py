"""From files and archives to lines: unpacking, encodings, line ends."""
