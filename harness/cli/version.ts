/** The version in package.json, the only place that holds it. */
import packageJson from '../../package.json' with { type: 'json' }

export const version: string = packageJson.version
