/** Program: writes the example configuration, `packaging/idsd.toml`, to standard output. */

import { printExample } from './print-config.js'

process.stdout.write(printExample())
