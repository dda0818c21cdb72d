"""What a browser needs to keep the site on a device: the worker, the files it keeps, and whose device it is."""
