/** What a run counted. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
  }

  /** Prints the closing line and sets the exit code: a skipped test, or no test at all, is no proof. */
  close() {
    const isProof = this.passed > 0 && this.failed === 0 && this.skipped === 0;
    process.exitCode = isProof ? 0 : 1;
    console.log(`${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
  }
}
