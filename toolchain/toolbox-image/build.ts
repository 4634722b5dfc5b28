/**
 * Builds the toolbox where images are published ones, for nobody publishes one with what it has: the
 * engine's own `docker build`, from the Dockerfile beside this. Its name carries a hash of the
 * Dockerfile and of the programs' source, so that a changed one is another image. Refuses a build
 * after which the engine does not know the image, as a builder with a store of its own leaves it.
 */
import { join } from 'node:path'
import { MachineError, messageOf } from '../../harness/model/errors.ts'
import { packageVersion } from '../build/root.ts'
import { moduleDir, toolchainDir } from '../build/versions.ts'
import { attempt, run } from '../command.ts'
import { contentsOf, hashOf } from '../hash.ts'
import type { Engine } from '../types.ts'

const dockerfile = join(toolchainDir, 'toolbox-image/Dockerfile')
const source = moduleDir('floating-ip')

const BUILD_WITHIN_MS = 30 * 60_000

/** Packages whose version every record names. */
const NAMED = ['docker-registry', 'keepalived', 'nginx']

/**
 * A build without attestations is one plain image. With them it is an index, and an index whose
 * other parts are not there is refused by containerd on the nodes.
 */
export const plainImage = { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' }

/** What this checkout's toolbox is called: `clusterdrill/toolbox:published-` and the hash of its inputs. */
export async function toolboxName(from = { dockerfile, source }): Promise<string> {
  const inputs = {
    dockerfile: hashOf(await contentsOf(from.dockerfile)),
    source: hashOf(await contentsOf(from.source)),
  }
  return `clusterdrill/toolbox:published-${hashOf(inputs)}`
}

/**
 * The image's name and the versions of what is in it, by package. Takes minutes the first time. A
 * private engine has no network of its own for containers, so its builds use the machine's.
 */
export async function buildToolbox(
  engine: Engine,
  tell: (detail: string) => void,
): Promise<{ name: string; versions: Record<string, string> }> {
  const name = await toolboxName()
  const network = engine.private ? ['--network', 'host'] : []
  tell('toolbox')
  try {
    await run('docker', ['build', ...network, '--tag', name, '--file', dockerfile, source], {
      env: { ...engine.env, ...plainImage },
      timeoutMs: BUILD_WITHIN_MS,
      onLine: (line) => {
        const [, step] = /^#\d+ (\[.*\] .*)/.exec(line) ?? []
        if (step) tell(`toolbox: ${step}`)
      },
    })
  } catch (cause) {
    throw notBuilt(messageOf(cause), cause)
  }
  const { env } = engine
  if ((await attempt('docker', ['image', 'inspect', name], { env })) === null) {
    throw notBuilt(`docker build ended well, and the engine does not know ${name}.`)
  }
  return { name, versions: await versionsIn(name, engine) }
}

async function versionsIn(image: string, { env }: Engine): Promise<Record<string, string>> {
  const format = `\${Package} \${Version}\\n`
  const list = await run(
    'docker',
    ['run', '--rm', '--network', 'none', image, 'dpkg-query', '-W', '-f', format, ...NAMED],
    { env },
  )
  return Object.fromEntries(NAMED.map((name) => [name, packageVersion(list, name)]))
}

const notBuilt = (why: string, cause?: unknown) =>
  new MachineError(
    {
      what: `The toolbox could not be built. ${why}`,
      changed: 'images that were pulled stay in the engine, nothing else was changed',
      next: 'Let `docker build` reach an image registry, Go modules and Debian packages; or, as root on Debian 12, `pnpm run setup kind --from build`.',
    },
    { cause },
  )
