/** Reads a Parquet file back, for tests of an export. */

import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'

/** Every row, as values by column. Throws where the file is not a whole one. */
export async function parquetRows(path: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path) })
}
