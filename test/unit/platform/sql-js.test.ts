import { sqlJsEngine } from "../../../src/platform/sql-js.ts";
import { describeSqlEngine } from "../../contract/sql-engine.ts";

describeSqlEngine("sql.js", sqlJsEngine);
