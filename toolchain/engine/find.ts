/**
 * Finds a container engine that answers: the user's own first, then the private one. It starts
 * nothing. A docker client alone is no engine; only what `docker info` reports about its server counts.
 */
import { access } from 'node:fs/promises'
import { attempt } from '../command.ts'
import { engineFiles } from '../state.ts'
import type { Engine } from '../types.ts'

const ANSWER_WITHIN_MS = 5000

export async function findEngine(): Promise<Engine | null> {
  const { socket } = engineFiles()
  const address = `unix://${socket}`
  if (process.env.DOCKER_HOST !== address) {
    const version = await serverVersion({})
    if (version) return { env: {}, private: false, version }
  }
  return findPrivateEngine()
}

export async function findPrivateEngine(): Promise<Engine | null> {
  const { socket } = engineFiles()
  if (!(await exists(socket))) return null
  const env = { DOCKER_HOST: `unix://${socket}` }
  const version = await serverVersion(env)
  return version ? { env, private: true, version } : null
}

async function serverVersion(env: Record<string, string>): Promise<string | null> {
  const version = await attempt('docker', ['info', '--format', '{{.ServerVersion}}'], {
    env,
    timeoutMs: ANSWER_WITHIN_MS,
  })
  return version?.trim() || null
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
