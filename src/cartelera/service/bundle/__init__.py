"""The folder of data a served process runs on."""
