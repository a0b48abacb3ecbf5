/** Asks for every URL of the JSON list on standard input, and prints the answers in their order: for use in a namespace. */

import { text } from 'node:stream/consumers'

/** What came back; status 0 and the reason where nothing did. */
export interface Answer {
  readonly status: number
  readonly body: string
}

const urls: readonly string[] = JSON.parse(await text(process.stdin))
const answers: Answer[] = []
for (const url of urls) {
  try {
    const response = await fetch(url)
    answers.push({ status: response.status, body: await response.text() })
  } catch (error) {
    answers.push({ status: 0, body: String((error as Error).cause ?? error) })
  }
}
process.stdout.write(JSON.stringify(answers))
