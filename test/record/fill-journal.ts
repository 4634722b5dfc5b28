/** Writes intents until the file may grow no more, and says how many, and the error's words. */
import { join } from 'node:path'
import { MachineError } from '../../harness/model/errors.ts'
import { Journal } from '../../harness/record/journal.ts'

const journal = new Journal(join(process.argv[2] ?? '', 'journal.jsonl'))
const where = { provider: 'kind', cluster: 'drill-one', node: 'worker-a' } as const
for (let written = 0; written < 1_000; written += 1) {
  try {
    journal.intent(`fault-${written}`, { kind: 'none', ...where, why: 'nothing to undo' }, 1_000)
  } catch (error) {
    if (!(error instanceof MachineError)) throw error
    process.stdout.write(JSON.stringify([written, error.what, error.changed]))
    break
  }
}
