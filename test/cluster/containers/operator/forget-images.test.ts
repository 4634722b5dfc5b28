/** Images of the workload taken off the nodes, so that they have to be pulled again. */
import { describe, expect, it } from 'vitest'
import {
  forgetImages,
  namesFrom,
} from '../../../../harness/cluster/containers/operator/forget-images.ts'
import { type Stage, stageOf } from './drill-site.ts'

const fault = { id: 'images', kind: 'operator.forget-images', target: 'node:worker-1' } as const
const airGapped = { topology: 'embedded-external-lb', target: 'worker-1' }
const redis = '10.0.0.1:5000/clusterdrill/redis:7.0'
const digest = '10.0.0.1:5000/clusterdrill/redis@sha256:12'
const own = 'docker.io/clusterdrill/redis:7.0'

/** What each container's containerd holds. */
function holding(stage: Stage, held: Record<string, string[]>): void {
  stage.onDocker = (words) => {
    const [, container = '', , , , , verb, ...names] = words.split(' ')
    if (verb === 'rm') held[container] = held[container]?.filter((n) => !names.includes(n)) ?? []
    return `${(held[container] ?? []).join('\n')}\n`
  }
}

describe('images', () => {
  it('are forgotten on every node of the workload but the target', async () => {
    await using stage = await stageOf(fault, airGapped)
    const held = {
      'c-worker-1': [redis, digest, own],
      'c-worker-2': [redis, digest, own, 'sha256:12'],
      'c-master-1': [redis],
    }
    holding(stage, held)
    const handle = await forgetImages(stage.site)
    expect(handle.undo).toMatchObject({ kind: 'cluster.spend', cluster: 'drill' })
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: 'images from 10.0.0.1:5000 on 1 of 1 nodes: worker-2',
    })
    await handle.inject()
    expect(stage.docker.at(-1)).toBe(
      `exec c-worker-2 ctr --namespace k8s.io images rm --sync ${redis} ${digest}`,
    )
    expect(held).toEqual({
      'c-worker-1': [redis, digest, own],
      'c-worker-2': [own, 'sha256:12'],
      'c-master-1': [redis],
    })
    const gone = 'images from 10.0.0.1:5000 on 0 of 1 nodes: none'
    expect(await handle.look('during')).toEqual({ state: 'broken', text: gone })
    expect(await handle.look('after')).toEqual({ state: 'well', text: gone })
    expect(await handle.facts?.()).toEqual({
      ...{ nodes: 1, nodeNames: 'worker-2' },
      ...{ images: 2, imageNames: `${redis}, ${digest}` },
    })
  })

  it('are pulled again by somebody, and then are not forgotten', async () => {
    await using stage = await stageOf(fault, airGapped)
    holding(stage, { 'c-worker-2': [redis] })
    const handle = await forgetImages(stage.site)
    expect((await handle.look('during')).state).toBe('well')
    expect((await handle.look('after')).state).toBe('unclear')
  })

  it('are not asked for on a node that was hit', async () => {
    await using stage = await stageOf(fault, { ...airGapped, hit: ['worker-2'] })
    const handle = await forgetImages(stage.site)
    expect((await handle.look('before')).state).toBe('unclear')
    expect(stage.docker).toEqual([])
  })

  it('are never pulled where there is no registry', async () => {
    await using stage = await stageOf(fault, { topology: 'cx-worker-ha', target: 'worker-a' })
    await expect(forgetImages(stage.site)).rejects.toThrow('cx-worker-ha has no image registry')
  })
})

it('names of a registry are those that begin with it, not with one like it', () => {
  const list = `${redis}\n 10.0.0.1:50001/x:1\n${own}\nsha256:12\n\n${digest}\n`
  expect(namesFrom('10.0.0.1:5000', list)).toEqual([redis, digest])
})
