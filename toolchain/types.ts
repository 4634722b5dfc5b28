/**
 * What the toolchain hands to the rest of the harness, and what its own parts hand to each other.
 * Types alone; the doors are in `index.ts`.
 */

/** A container engine that answers. */
export interface Engine {
  /** What docker and kind need in their environment: `DOCKER_HOST` for a private engine, else nothing. */
  env: Record<string, string>
  /** Whether it was started by us, with a socket and a data folder of its own. */
  private: boolean
  version: string
}

/** Names under which the engine knows the images. */
export interface Images {
  node: string
  haproxy: string
  database: string
  runtime: string
  /** keepalived, nginx, docker-registry, the floating IP agent and the ARP observer. */
  toolbox: string | null
  /** kube-vip as published; null where images are built here, or where it could not be pulled. */
  kubeVip: string | null
}

export interface Toolchain {
  /** Absolute paths of commands. */
  kind: string
  kubectl: string
  etcdctl: string | null
  images: Images
  /** Whether the images were built on this machine or are the published ones. */
  origin: 'built' | 'registry'
  /** Version of each part by its name: kubernetes, kind, etcd, coredns, haproxy, redis, node, containerd, keepalived, nginx, docker-registry, kube-vip. */
  versions: Record<string, string>
  /** Whether the workload's images are inside the node image already. */
  preloaded: boolean
}

/** One line of what long work is doing; `fraction` is from 0 to 1. */
export interface ProgressEvent {
  step: string
  state: 'start' | 'progress' | 'done' | 'cached'
  detail?: string
  fraction?: number
  elapsedMs?: number
}

export type Progress = (event: ProgressEvent) => void

/** A fact about the machine, for `doctor`. */
export interface Check {
  name: string
  state: 'ok' | 'degraded' | 'missing'
  detail: string
  /** What cannot be done because of it. */
  rulesOut?: string
  /** What would change it: a command line where there is one. */
  remedy?: string
}
