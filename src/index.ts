export { ElboError, type ErrorKind, type ErrorParts } from "./base/errors.ts";
