"""The record: a folder that tells what a group was asked, what it brought and what was decided, without Hilo."""
