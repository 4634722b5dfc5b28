/** A parent to be killed: starts a prober on one page, says its process id, and waits. */
import { startProber } from '../../../harness/run/prober/prober.ts'

const [samplesFile = '', port = ''] = process.argv.slice(2)
const prober = await startProber({
  vantages: [
    {
      id: 'page',
      kind: 'page',
      through: 'loopback',
      throughNode: null,
      connection: 'new',
      url: `http://127.0.0.1:${port}/`,
      timeoutMs: 400,
      intervalMs: 50,
    },
  ],
  credentials: null,
  runId: 'run-1',
  originNs: process.hrtime.bigint(),
  samplesFile,
  onSamples: () => {},
  onTrouble: () => {},
})
process.stdout.write(`${prober.pid}\n`)
