"""`make fuzz`: what strangers send is changed at random, for ten minutes a parser, until something goes wrong."""
