// What a call says when it fails, for tests of errors.
import { ElboError } from "#elbo/base/errors.js";

/** The ElboError that `act` ends in; anything else, success included, fails the test. */
export async function elboError(act: () => unknown): Promise<ElboError> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ElboError)) throw error;
    if (error.hint === "" || error.message === "") throw new Error("an error says nothing");
    return error;
  }
  throw new Error("no error came");
}
