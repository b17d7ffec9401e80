/** Keeps compiled modules between runs; most of a test process's start is compiling the SDKs of Pulumi and AWS. */
import { enableCompileCache } from "node:module";

enableCompileCache();
