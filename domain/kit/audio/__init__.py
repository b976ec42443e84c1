"""Sound as all areas speak of it: the ports to models, studio and decoder, and what is known of a recording."""
