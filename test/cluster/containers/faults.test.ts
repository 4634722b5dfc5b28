/** Which container of the workload runs, by containerd's own table. */
import { expect, it } from 'vitest'
import { runningAmong } from '../../../harness/cluster/containers/faults.ts'

const table = `TASK    PID     STATUS
aaa     101     STOPPED
bbb     102     RUNNING
ccc     103     RUNNING
`

it('takes the first of its containers whose task runs', () => {
  expect(runningAmong(['aaa', 'bbb'], table)).toBe('bbb')
  expect(runningAmong(['ccc ', ''], table)).toBe('ccc')
})

it('finds none where its tasks are stopped or of others', () => {
  expect(runningAmong(['aaa', 'ddd', ''], table)).toBe('')
  expect(runningAmong(['STATUS', 'TASK'], table)).toBe('')
})
