/** Program: reads docs/features.md from standard input and writes it with its tables as they should be to standard output. */

import { readFileSync } from 'node:fs'
import { renderFeaturesPage } from './features-page.js'

process.stdout.write(renderFeaturesPage(readFileSync(0, 'utf8')))
