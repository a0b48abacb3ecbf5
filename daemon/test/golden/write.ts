/**
 * Writes the golden files anew: `node build/daemon/test/golden/write.js`. The values are those of the slow
 * reference, never those of the programs that are tested against them.
 */

import { writeFileSync } from 'node:fs'
import { writePcap } from '../../../lab/pcap.js'
import { oracleRows } from '../oracle/measure.js'
import { goldenCaptures } from './captures.js'
import { formatRows, goldenPath } from './golden.js'

for (const [name, frames] of goldenCaptures) {
  writePcap(goldenPath(name, 'pcap'), frames)
  writeFileSync(goldenPath(name, 'csv'), formatRows(oracleRows(frames)))
}
