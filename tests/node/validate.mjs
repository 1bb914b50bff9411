// node validate.mjs SCHEMA FILE...: validates JSON files against a JSON Schema (2020-12), strictly.
// Exit 0: all valid. 1: a file is invalid or unreadable. 2: wrong usage or a bad schema.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const ERRORS_SHOWN = 10;

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function compile(schemaPath) {
  // Not strictRequired: an if/then may require what is defined outside of it.
  const ajv = new Ajv2020.default({ strict: true, strictRequired: false, allErrors: true });
  return ajv.compile(readJson(schemaPath));
}

function describe({ instancePath, message, params }) {
  const details = Object.keys(params ?? {}).length > 0 ? ` ${JSON.stringify(params)}` : "";
  return `${instancePath || "/"}: ${message}${details}`;
}

function isValid(validate, path) {
  try {
    if (validate(readJson(path))) return true;
  } catch (error) {
    console.error(`${path}: ${error.message}`);
    return false;
  }
  const errors = validate.errors;
  for (const error of errors.slice(0, ERRORS_SHOWN)) console.error(`${path}: ${describe(error)}`);
  if (errors.length > ERRORS_SHOWN)
    console.error(`${path}: and ${errors.length - ERRORS_SHOWN} more`);
  return false;
}

const [schemaPath, ...paths] = process.argv.slice(2);
if (paths.length === 0) {
  console.error("usage: node validate.mjs SCHEMA FILE...");
  process.exit(2);
}

let validate;
try {
  validate = compile(schemaPath);
} catch (error) {
  console.error(`${schemaPath}: ${error.message}`);
  process.exit(2);
}
const invalid = paths.filter((path) => !isValid(validate, path));
console.log(`validate: ${paths.length} files, ${invalid.length} invalid`);
process.exitCode = invalid.length > 0 ? 1 : 0;
