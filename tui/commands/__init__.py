"""What can be typed after `lifeboat`: options and help; the code behind it is imported when it is called."""
