/**
 * Opens a cluster by the k3d provider in a process of its own, for a test that kills this process
 * in the midst of it.
 */
import { K3dProvider } from '../../../harness/cluster/k3d/provider.ts'
import type { K3dTools } from '../../../harness/cluster/k3d/tools.ts'
import { twoSitesPlan } from './two-sites.ts'

const tools = JSON.parse(process.argv[2] ?? '') as K3dTools
await new K3dProvider(tools).open(twoSitesPlan, () => undefined, new AbortController().signal)
