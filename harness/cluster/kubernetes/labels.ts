/**
 * The keys by which a document's wishes for its nodes are written onto them: labels and taints of
 * Kubernetes that both the one who sets them and the workload must spell alike.
 */

/** Label and taint of a node that carries one component alone; the value is the component. */
export const onlyKey = 'clusterdrill.dev/only'
/** The taint by which kubeadm keeps ordinary pods off a control plane; also the label of its role. */
export const controlPlaneTaint = 'node-role.kubernetes.io/control-plane'
