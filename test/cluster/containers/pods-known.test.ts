/** Whose pods stand where: by whichever way to the API answers, else as it was last told. */
import { expect, it } from 'vitest'
import { PodsKnown } from '../../../harness/cluster/containers/pods-known.ts'
import { componentLabel } from '../../../harness/cluster/kubernetes/changes.ts'
import { cxWorkerHa } from '../../../topologies/cx-worker-ha.ts'
import { ApiServerStandIn, access } from '../kubernetes/api-server-stand-in.ts'

const podOn = (nodeName: string) => ({
  metadata: {
    ...{ name: 'database-0', namespace: 'drill', uid: '1', resourceVersion: '1' },
    labels: { [componentLabel]: 'database' },
  },
  spec: { nodeName },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
})

async function serverWith(node: string): Promise<ApiServerStandIn> {
  const server = await new ApiServerStandIn().listen()
  server.items.pods = [podOn(node)]
  return server
}

it('the usual way is believed, then any other, then the last word', async () => {
  await using usual = await serverWith('worker-a')
  await using other = await serverWith('worker-b')
  const known = new PodsKnown(access, cxWorkerHa.workload)
  const ways = [usual.url, other.url]
  expect(await known.look(ways)).toMatchObject({ pods: [{ node: 'worker-a' }], current: true })
  expect(other.paths).toEqual([])

  await usual[Symbol.asyncDispose]()
  expect(await known.look(ways)).toMatchObject({ pods: [{ node: 'worker-b' }], current: true })

  await other[Symbol.asyncDispose]()
  expect(await known.look(ways)).toMatchObject({ pods: [{ node: 'worker-b' }], current: false })
})

it('nothing is known where nobody ever answered', async () => {
  const known = new PodsKnown(access, cxWorkerHa.workload)
  expect(await known.look([])).toEqual({ pods: [], current: false })
})
