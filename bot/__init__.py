"""The outer layer of Hilo: messengers, pages, commands, loops."""
