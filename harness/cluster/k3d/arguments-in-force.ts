/**
 * The arguments with which k3s runs the components inside its one process, as it says them in its
 * log when it starts them. Nothing else tells: the process hides its own command line. Pure.
 */

/** What of a control plane's components is told in the log. */
export const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
export type Component = (typeof components)[number]

/**
 * `time="…" level=info msg="Running kube-scheduler --bind-address=127.0.0.1 …"`; k3s-io/k3s
 * pkg/daemons/control/server.go, and read so in k3s-io/docs docs/security/self-assessment-1.8.md.
 */
const runningLine = /\blevel=info msg="Running (kube-[a-z-]+) ((?:[^"\\]|\\.)*)"/

/** Null for a line of the log that says nothing of a component that is asked for. */
export function runningComponent(line: string): { component: Component; command: string } | null {
  const [, name, words = ''] = runningLine.exec(line) ?? []
  const component = components.find((known) => known === name)
  return component
    ? { component, command: `${component} ${words.replaceAll(/\\(.)/g, '$1')}` }
    : null
}
