"""What stands at the top of a post: fences, values as each generator's parser understands them, dates."""
