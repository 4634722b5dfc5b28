/**
 * Adds the counts of vitest's JSON results and prints them as one line; fails when a test failed,
 * or when a file of results is missing or holds no test.
 */
import { readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  const result = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numFailedTestSuites: number
    numTotalTests: number
  }
  passed += result.numPassedTests
  failed += result.numFailedTests
  if (
    result.numTotalTests === 0 ||
    (result.numFailedTestSuites > 0 && result.numFailedTests === 0)
  ) {
    failed += 1
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
