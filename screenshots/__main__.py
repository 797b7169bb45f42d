"""`python -m screenshots` takes the pictures of the README anew."""

import asyncio
import sys

from screenshots.make import main

asyncio.run(main(sys.argv[1:]))
