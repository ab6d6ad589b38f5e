// Generated from harness/history/event-schema.ts by `pnpm generate`. Do not edit.
// @ts-nocheck Ajv writes JavaScript.
"use strict";
const check0 = validate10;
const schema11 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"schemaVersion":{"type":"number","const":1},"run":{"type":"string"},"seed":{"type":"string"},"commit":{"type":"string"},"subjects":{"type":"array","items":{"type":"object","properties":{"service":{"type":"string"},"version":{"type":"string"},"language":{"type":"string"},"manifest":{"type":"string"},"absentFeatures":{"type":"array","items":{"type":"string"}}},"required":["service","version","absentFeatures"]}},"bounds":{"type":"object","properties":{"terminalWithinMs":{"type":"number"}},"required":["terminalWithinMs"]}},"required":["atMs","schemaVersion","run","seed","commit","subjects","bounds"]};

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.schemaVersion === undefined) && (missing0 = "schemaVersion"))) || ((data.run === undefined) && (missing0 = "run"))) || ((data.seed === undefined) && (missing0 = "seed"))) || ((data.commit === undefined) && (missing0 = "commit"))) || ((data.subjects === undefined) && (missing0 = "subjects"))) || ((data.bounds === undefined) && (missing0 = "bounds"))){
validate10.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate10.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.schemaVersion !== undefined){
let data1 = data.schemaVersion;
const _errs3 = errors;
if(!(typeof data1 == "number")){
validate10.errors = [{instancePath:instancePath+"/schemaVersion",schemaPath:"#/properties/schemaVersion/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
if(1 !== data1){
validate10.errors = [{instancePath:instancePath+"/schemaVersion",schemaPath:"#/properties/schemaVersion/const",keyword:"const",params:{allowedValue: 1},message:"must be equal to constant"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.run !== undefined){
const _errs5 = errors;
if(typeof data.run !== "string"){
validate10.errors = [{instancePath:instancePath+"/run",schemaPath:"#/properties/run/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.seed !== undefined){
const _errs7 = errors;
if(typeof data.seed !== "string"){
validate10.errors = [{instancePath:instancePath+"/seed",schemaPath:"#/properties/seed/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.commit !== undefined){
const _errs9 = errors;
if(typeof data.commit !== "string"){
validate10.errors = [{instancePath:instancePath+"/commit",schemaPath:"#/properties/commit/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.subjects !== undefined){
let data5 = data.subjects;
const _errs11 = errors;
if(errors === _errs11){
if(Array.isArray(data5)){
var valid1 = true;
const len0 = data5.length;
for(let i0=0; i0<len0; i0++){
let data6 = data5[i0];
const _errs13 = errors;
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
let missing1;
if((((data6.service === undefined) && (missing1 = "service")) || ((data6.version === undefined) && (missing1 = "version"))) || ((data6.absentFeatures === undefined) && (missing1 = "absentFeatures"))){
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0,schemaPath:"#/properties/subjects/items/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data6.service !== undefined){
const _errs15 = errors;
if(typeof data6.service !== "string"){
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0+"/service",schemaPath:"#/properties/subjects/items/properties/service/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs15 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data6.version !== undefined){
const _errs17 = errors;
if(typeof data6.version !== "string"){
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0+"/version",schemaPath:"#/properties/subjects/items/properties/version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data6.language !== undefined){
const _errs19 = errors;
if(typeof data6.language !== "string"){
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0+"/language",schemaPath:"#/properties/subjects/items/properties/language/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs19 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data6.manifest !== undefined){
const _errs21 = errors;
if(typeof data6.manifest !== "string"){
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0+"/manifest",schemaPath:"#/properties/subjects/items/properties/manifest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs21 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data6.absentFeatures !== undefined){
let data11 = data6.absentFeatures;
const _errs23 = errors;
if(errors === _errs23){
if(Array.isArray(data11)){
var valid3 = true;
const len1 = data11.length;
for(let i1=0; i1<len1; i1++){
const _errs25 = errors;
if(typeof data11[i1] !== "string"){
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0+"/absentFeatures/" + i1,schemaPath:"#/properties/subjects/items/properties/absentFeatures/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs25 === errors;
if(!valid3){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0+"/absentFeatures",schemaPath:"#/properties/subjects/items/properties/absentFeatures/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid2 = _errs23 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/subjects/" + i0,schemaPath:"#/properties/subjects/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs13 === errors;
if(!valid1){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/subjects",schemaPath:"#/properties/subjects/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.bounds !== undefined){
let data13 = data.bounds;
const _errs27 = errors;
if(errors === _errs27){
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
let missing2;
if((data13.terminalWithinMs === undefined) && (missing2 = "terminalWithinMs")){
validate10.errors = [{instancePath:instancePath+"/bounds",schemaPath:"#/properties/bounds/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"}];
return false;
}
else {
if(data13.terminalWithinMs !== undefined){
if(!(typeof data13.terminalWithinMs == "number")){
validate10.errors = [{instancePath:instancePath+"/bounds/terminalWithinMs",schemaPath:"#/properties/bounds/properties/terminalWithinMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/bounds",schemaPath:"#/properties/bounds/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}

const check1 = validate11;
const schema12 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"scenario":{"type":"string"}},"required":["atMs","scenario"]};

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.atMs === undefined) && (missing0 = "atMs")) || ((data.scenario === undefined) && (missing0 = "scenario"))){
validate11.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate11.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scenario !== undefined){
const _errs3 = errors;
if(typeof data.scenario !== "string"){
validate11.errors = [{instancePath:instancePath+"/scenario",schemaPath:"#/properties/scenario/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
}
}
}
else {
validate11.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate11.errors = vErrors;
return errors === 0;
}

const check2 = validate12;
const schema13 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"scenario":{"type":"string"},"outcome":{"type":"string","enum":["passed","failed","partial","inconclusive"]},"message":{"type":"string"}},"required":["atMs","scenario","outcome"]};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.scenario === undefined) && (missing0 = "scenario"))) || ((data.outcome === undefined) && (missing0 = "outcome"))){
validate12.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate12.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scenario !== undefined){
const _errs3 = errors;
if(typeof data.scenario !== "string"){
validate12.errors = [{instancePath:instancePath+"/scenario",schemaPath:"#/properties/scenario/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.outcome !== undefined){
let data2 = data.outcome;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate12.errors = [{instancePath:instancePath+"/outcome",schemaPath:"#/properties/outcome/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data2 === "passed") || (data2 === "failed")) || (data2 === "partial")) || (data2 === "inconclusive"))){
validate12.errors = [{instancePath:instancePath+"/outcome",schemaPath:"#/properties/outcome/enum",keyword:"enum",params:{allowedValues: schema13.properties.outcome.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.message !== undefined){
const _errs7 = errors;
if(typeof data.message !== "string"){
validate12.errors = [{instancePath:instancePath+"/message",schemaPath:"#/properties/message/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate12.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate12.errors = vErrors;
return errors === 0;
}

const check3 = validate13;
const schema14 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"source":{"type":"string","enum":["client","websocket","kafka","eventstore","postgres","redis","mongodb","process","spans","mail","health","metrics","logs","wire","faults","load","resources"]},"state":{"type":"string","enum":["complete","incomplete"]},"events":{"type":"integer","minimum":0,"maximum":9007199254740991},"reason":{"type":"string"}},"required":["atMs","source","state","events"]};

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.source === undefined) && (missing0 = "source"))) || ((data.state === undefined) && (missing0 = "state"))) || ((data.events === undefined) && (missing0 = "events"))){
validate13.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate13.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.source !== undefined){
let data1 = data.source;
const _errs3 = errors;
if(typeof data1 !== "string"){
validate13.errors = [{instancePath:instancePath+"/source",schemaPath:"#/properties/source/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((((((((((((((data1 === "client") || (data1 === "websocket")) || (data1 === "kafka")) || (data1 === "eventstore")) || (data1 === "postgres")) || (data1 === "redis")) || (data1 === "mongodb")) || (data1 === "process")) || (data1 === "spans")) || (data1 === "mail")) || (data1 === "health")) || (data1 === "metrics")) || (data1 === "logs")) || (data1 === "wire")) || (data1 === "faults")) || (data1 === "load")) || (data1 === "resources"))){
validate13.errors = [{instancePath:instancePath+"/source",schemaPath:"#/properties/source/enum",keyword:"enum",params:{allowedValues: schema14.properties.source.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.state !== undefined){
let data2 = data.state;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate13.errors = [{instancePath:instancePath+"/state",schemaPath:"#/properties/state/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((data2 === "complete") || (data2 === "incomplete"))){
validate13.errors = [{instancePath:instancePath+"/state",schemaPath:"#/properties/state/enum",keyword:"enum",params:{allowedValues: schema14.properties.state.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.events !== undefined){
let data3 = data.events;
const _errs7 = errors;
if(!((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3)))){
validate13.errors = [{instancePath:instancePath+"/events",schemaPath:"#/properties/events/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs7){
if(typeof data3 == "number"){
if(data3 > 9007199254740991 || isNaN(data3)){
validate13.errors = [{instancePath:instancePath+"/events",schemaPath:"#/properties/events/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data3 < 0 || isNaN(data3)){
validate13.errors = [{instancePath:instancePath+"/events",schemaPath:"#/properties/events/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.reason !== undefined){
const _errs9 = errors;
if(typeof data.reason !== "string"){
validate13.errors = [{instancePath:instancePath+"/reason",schemaPath:"#/properties/reason/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
else {
validate13.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate13.errors = vErrors;
return errors === 0;
}

const check4 = validate14;
const schema15 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"operation":{"type":"string"},"name":{"type":"string","enum":["place-order","cancel-order","get-order","get-job","list-orders","receive-stock","register-card","dispatch-shipment","rebuild-projection","other"]},"scenario":{"type":"string"},"userId":{"type":"string"},"idempotencyKey":{"type":"string"},"bodyDigest":{"type":"string"},"request":{},"traceId":{"type":"string"}},"required":["atMs","operation","name","scenario"]};

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.operation === undefined) && (missing0 = "operation"))) || ((data.name === undefined) && (missing0 = "name"))) || ((data.scenario === undefined) && (missing0 = "scenario"))){
validate14.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate14.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.operation !== undefined){
const _errs3 = errors;
if(typeof data.operation !== "string"){
validate14.errors = [{instancePath:instancePath+"/operation",schemaPath:"#/properties/operation/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
let data2 = data.name;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate14.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((((((((data2 === "place-order") || (data2 === "cancel-order")) || (data2 === "get-order")) || (data2 === "get-job")) || (data2 === "list-orders")) || (data2 === "receive-stock")) || (data2 === "register-card")) || (data2 === "dispatch-shipment")) || (data2 === "rebuild-projection")) || (data2 === "other"))){
validate14.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/enum",keyword:"enum",params:{allowedValues: schema15.properties.name.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scenario !== undefined){
const _errs7 = errors;
if(typeof data.scenario !== "string"){
validate14.errors = [{instancePath:instancePath+"/scenario",schemaPath:"#/properties/scenario/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.userId !== undefined){
const _errs9 = errors;
if(typeof data.userId !== "string"){
validate14.errors = [{instancePath:instancePath+"/userId",schemaPath:"#/properties/userId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.idempotencyKey !== undefined){
const _errs11 = errors;
if(typeof data.idempotencyKey !== "string"){
validate14.errors = [{instancePath:instancePath+"/idempotencyKey",schemaPath:"#/properties/idempotencyKey/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.bodyDigest !== undefined){
const _errs13 = errors;
if(typeof data.bodyDigest !== "string"){
validate14.errors = [{instancePath:instancePath+"/bodyDigest",schemaPath:"#/properties/bodyDigest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.traceId !== undefined){
const _errs15 = errors;
if(typeof data.traceId !== "string"){
validate14.errors = [{instancePath:instancePath+"/traceId",schemaPath:"#/properties/traceId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
else {
validate14.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate14.errors = vErrors;
return errors === 0;
}

const check5 = validate15;
const schema16 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"operation":{"type":"string"},"name":{"type":"string","enum":["place-order","cancel-order","get-order","get-job","list-orders","receive-stock","register-card","dispatch-shipment","rebuild-projection","other"]},"scenario":{"type":"string"},"status":{"type":["number","string"]},"code":{"type":"string"},"jobId":{"type":"string"},"orderId":{"type":"string"},"response":{},"headers":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"string"}}},"required":["atMs","operation","name","scenario"]};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.operation === undefined) && (missing0 = "operation"))) || ((data.name === undefined) && (missing0 = "name"))) || ((data.scenario === undefined) && (missing0 = "scenario"))){
validate15.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate15.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.operation !== undefined){
const _errs3 = errors;
if(typeof data.operation !== "string"){
validate15.errors = [{instancePath:instancePath+"/operation",schemaPath:"#/properties/operation/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
let data2 = data.name;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate15.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((((((((data2 === "place-order") || (data2 === "cancel-order")) || (data2 === "get-order")) || (data2 === "get-job")) || (data2 === "list-orders")) || (data2 === "receive-stock")) || (data2 === "register-card")) || (data2 === "dispatch-shipment")) || (data2 === "rebuild-projection")) || (data2 === "other"))){
validate15.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/enum",keyword:"enum",params:{allowedValues: schema16.properties.name.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scenario !== undefined){
const _errs7 = errors;
if(typeof data.scenario !== "string"){
validate15.errors = [{instancePath:instancePath+"/scenario",schemaPath:"#/properties/scenario/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
let data4 = data.status;
const _errs9 = errors;
if((!(typeof data4 == "number")) && (typeof data4 !== "string")){
validate15.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: schema16.properties.status.type},message:"must be number,string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.code !== undefined){
const _errs11 = errors;
if(typeof data.code !== "string"){
validate15.errors = [{instancePath:instancePath+"/code",schemaPath:"#/properties/code/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.jobId !== undefined){
const _errs13 = errors;
if(typeof data.jobId !== "string"){
validate15.errors = [{instancePath:instancePath+"/jobId",schemaPath:"#/properties/jobId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.orderId !== undefined){
const _errs15 = errors;
if(typeof data.orderId !== "string"){
validate15.errors = [{instancePath:instancePath+"/orderId",schemaPath:"#/properties/orderId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.headers !== undefined){
let data8 = data.headers;
const _errs17 = errors;
if(errors === _errs17){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key0 in data8){
const _errs19 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs19 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate15.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key1 in data8){
const _errs22 = errors;
if(typeof data8[key1] !== "string"){
validate15.errors = [{instancePath:instancePath+"/headers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/headers/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs22 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate15.errors = [{instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate15.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate15.errors = vErrors;
return errors === 0;
}

const check6 = validate16;
const schema17 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"socket":{"type":"string"},"scenario":{"type":"string"},"userId":{"type":"string"},"node":{"type":"string"},"what":{"type":"string","enum":["open","sent","frame","closed","refused"]},"message":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{}},"closeCode":{"type":"number"},"status":{"type":"number"}},"required":["atMs","socket","scenario","userId","node","what"]};

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.socket === undefined) && (missing0 = "socket"))) || ((data.scenario === undefined) && (missing0 = "scenario"))) || ((data.userId === undefined) && (missing0 = "userId"))) || ((data.node === undefined) && (missing0 = "node"))) || ((data.what === undefined) && (missing0 = "what"))){
validate16.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate16.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.socket !== undefined){
const _errs3 = errors;
if(typeof data.socket !== "string"){
validate16.errors = [{instancePath:instancePath+"/socket",schemaPath:"#/properties/socket/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scenario !== undefined){
const _errs5 = errors;
if(typeof data.scenario !== "string"){
validate16.errors = [{instancePath:instancePath+"/scenario",schemaPath:"#/properties/scenario/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.userId !== undefined){
const _errs7 = errors;
if(typeof data.userId !== "string"){
validate16.errors = [{instancePath:instancePath+"/userId",schemaPath:"#/properties/userId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.node !== undefined){
const _errs9 = errors;
if(typeof data.node !== "string"){
validate16.errors = [{instancePath:instancePath+"/node",schemaPath:"#/properties/node/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.what !== undefined){
let data5 = data.what;
const _errs11 = errors;
if(typeof data5 !== "string"){
validate16.errors = [{instancePath:instancePath+"/what",schemaPath:"#/properties/what/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((data5 === "open") || (data5 === "sent")) || (data5 === "frame")) || (data5 === "closed")) || (data5 === "refused"))){
validate16.errors = [{instancePath:instancePath+"/what",schemaPath:"#/properties/what/enum",keyword:"enum",params:{allowedValues: schema17.properties.what.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.message !== undefined){
let data6 = data.message;
const _errs13 = errors;
if(errors === _errs13){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key0 in data6){
const _errs15 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/message",schemaPath:"#/properties/message/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs15 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/message",schemaPath:"#/properties/message/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate16.errors = vErrors;
return false;
break;
}
}
}
else {
validate16.errors = [{instancePath:instancePath+"/message",schemaPath:"#/properties/message/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.closeCode !== undefined){
const _errs18 = errors;
if(!(typeof data.closeCode == "number")){
validate16.errors = [{instancePath:instancePath+"/closeCode",schemaPath:"#/properties/closeCode/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs18 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
const _errs20 = errors;
if(!(typeof data.status == "number")){
validate16.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs20 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate16.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate16.errors = vErrors;
return errors === 0;
}

const check7 = validate17;
const schema18 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"topic":{"type":"string"},"partition":{"type":"integer","minimum":0,"maximum":9007199254740991},"offset":{"type":"string"},"key":{"type":["string","null"]},"headers":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"string"}},"timestampMs":{"type":"number"},"schemaId":{"type":"number"},"value":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{}},"undecodable":{"type":"string"},"raw":{"type":"string"}},"required":["atMs","topic","partition","offset","key","headers","timestampMs"]};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.topic === undefined) && (missing0 = "topic"))) || ((data.partition === undefined) && (missing0 = "partition"))) || ((data.offset === undefined) && (missing0 = "offset"))) || ((data.key === undefined) && (missing0 = "key"))) || ((data.headers === undefined) && (missing0 = "headers"))) || ((data.timestampMs === undefined) && (missing0 = "timestampMs"))){
validate17.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate17.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.topic !== undefined){
const _errs3 = errors;
if(typeof data.topic !== "string"){
validate17.errors = [{instancePath:instancePath+"/topic",schemaPath:"#/properties/topic/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.partition !== undefined){
let data2 = data.partition;
const _errs5 = errors;
if(!((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2)))){
validate17.errors = [{instancePath:instancePath+"/partition",schemaPath:"#/properties/partition/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs5){
if(typeof data2 == "number"){
if(data2 > 9007199254740991 || isNaN(data2)){
validate17.errors = [{instancePath:instancePath+"/partition",schemaPath:"#/properties/partition/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data2 < 0 || isNaN(data2)){
validate17.errors = [{instancePath:instancePath+"/partition",schemaPath:"#/properties/partition/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.offset !== undefined){
const _errs7 = errors;
if(typeof data.offset !== "string"){
validate17.errors = [{instancePath:instancePath+"/offset",schemaPath:"#/properties/offset/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.key !== undefined){
let data4 = data.key;
const _errs9 = errors;
if((typeof data4 !== "string") && (data4 !== null)){
validate17.errors = [{instancePath:instancePath+"/key",schemaPath:"#/properties/key/type",keyword:"type",params:{type: schema18.properties.key.type},message:"must be string,null"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.headers !== undefined){
let data5 = data.headers;
const _errs11 = errors;
if(errors === _errs11){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key0 in data5){
const _errs13 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs13 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate17.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key1 in data5){
const _errs16 = errors;
if(typeof data5[key1] !== "string"){
validate17.errors = [{instancePath:instancePath+"/headers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/headers/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs16 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate17.errors = [{instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.timestampMs !== undefined){
const _errs18 = errors;
if(!(typeof data.timestampMs == "number")){
validate17.errors = [{instancePath:instancePath+"/timestampMs",schemaPath:"#/properties/timestampMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs18 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.schemaId !== undefined){
const _errs20 = errors;
if(!(typeof data.schemaId == "number")){
validate17.errors = [{instancePath:instancePath+"/schemaId",schemaPath:"#/properties/schemaId/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs20 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.value !== undefined){
let data9 = data.value;
const _errs22 = errors;
if(errors === _errs22){
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key2 in data9){
const _errs24 = errors;
if(typeof key2 !== "string"){
const err2 = {instancePath:instancePath+"/value",schemaPath:"#/properties/value/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key2};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var valid3 = _errs24 === errors;
if(!valid3){
const err3 = {instancePath:instancePath+"/value",schemaPath:"#/properties/value/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
validate17.errors = vErrors;
return false;
break;
}
}
}
else {
validate17.errors = [{instancePath:instancePath+"/value",schemaPath:"#/properties/value/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs22 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.undecodable !== undefined){
const _errs27 = errors;
if(typeof data.undecodable !== "string"){
validate17.errors = [{instancePath:instancePath+"/undecodable",schemaPath:"#/properties/undecodable/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.raw !== undefined){
const _errs29 = errors;
if(typeof data.raw !== "string"){
validate17.errors = [{instancePath:instancePath+"/raw",schemaPath:"#/properties/raw/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs29 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate17.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate17.errors = vErrors;
return errors === 0;
}

const check8 = validate18;
const schema19 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"stream":{"type":"string"},"revision":{"type":"string"},"position":{"type":"string"},"id":{"type":"string"},"eventType":{"type":"string"},"createdMs":{"type":"number"},"data":{},"metadata":{}},"required":["atMs","stream","revision","position","id","eventType","data"]};

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.stream === undefined) && (missing0 = "stream"))) || ((data.revision === undefined) && (missing0 = "revision"))) || ((data.position === undefined) && (missing0 = "position"))) || ((data.id === undefined) && (missing0 = "id"))) || ((data.eventType === undefined) && (missing0 = "eventType"))) || ((data.data === undefined) && (missing0 = "data"))){
validate18.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate18.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.stream !== undefined){
const _errs3 = errors;
if(typeof data.stream !== "string"){
validate18.errors = [{instancePath:instancePath+"/stream",schemaPath:"#/properties/stream/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.revision !== undefined){
const _errs5 = errors;
if(typeof data.revision !== "string"){
validate18.errors = [{instancePath:instancePath+"/revision",schemaPath:"#/properties/revision/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.position !== undefined){
const _errs7 = errors;
if(typeof data.position !== "string"){
validate18.errors = [{instancePath:instancePath+"/position",schemaPath:"#/properties/position/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.id !== undefined){
const _errs9 = errors;
if(typeof data.id !== "string"){
validate18.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.eventType !== undefined){
const _errs11 = errors;
if(typeof data.eventType !== "string"){
validate18.errors = [{instancePath:instancePath+"/eventType",schemaPath:"#/properties/eventType/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.createdMs !== undefined){
const _errs13 = errors;
if(!(typeof data.createdMs == "number")){
validate18.errors = [{instancePath:instancePath+"/createdMs",schemaPath:"#/properties/createdMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
else {
validate18.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate18.errors = vErrors;
return errors === 0;
}

const check9 = validate19;
const schema20 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"source":{"type":"string","enum":["postgres","redis","mongodb","kafka"]},"kind":{"type":"string","enum":["outbox","notification","job","ws-socket","read-model","stock","card","reservation","payment","shipment","group"]},"service":{"type":"string"},"key":{"type":"string"},"value":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{}}},"required":["atMs","source","kind","service","key","value"]};

function validate19(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.source === undefined) && (missing0 = "source"))) || ((data.kind === undefined) && (missing0 = "kind"))) || ((data.service === undefined) && (missing0 = "service"))) || ((data.key === undefined) && (missing0 = "key"))) || ((data.value === undefined) && (missing0 = "value"))){
validate19.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate19.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.source !== undefined){
let data1 = data.source;
const _errs3 = errors;
if(typeof data1 !== "string"){
validate19.errors = [{instancePath:instancePath+"/source",schemaPath:"#/properties/source/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data1 === "postgres") || (data1 === "redis")) || (data1 === "mongodb")) || (data1 === "kafka"))){
validate19.errors = [{instancePath:instancePath+"/source",schemaPath:"#/properties/source/enum",keyword:"enum",params:{allowedValues: schema20.properties.source.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.kind !== undefined){
let data2 = data.kind;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate19.errors = [{instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((((((((((data2 === "outbox") || (data2 === "notification")) || (data2 === "job")) || (data2 === "ws-socket")) || (data2 === "read-model")) || (data2 === "stock")) || (data2 === "card")) || (data2 === "reservation")) || (data2 === "payment")) || (data2 === "shipment")) || (data2 === "group"))){
validate19.errors = [{instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/enum",keyword:"enum",params:{allowedValues: schema20.properties.kind.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.service !== undefined){
const _errs7 = errors;
if(typeof data.service !== "string"){
validate19.errors = [{instancePath:instancePath+"/service",schemaPath:"#/properties/service/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.key !== undefined){
const _errs9 = errors;
if(typeof data.key !== "string"){
validate19.errors = [{instancePath:instancePath+"/key",schemaPath:"#/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.value !== undefined){
let data5 = data.value;
const _errs11 = errors;
if(errors === _errs11){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key0 in data5){
const _errs13 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/value",schemaPath:"#/properties/value/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs13 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/value",schemaPath:"#/properties/value/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate19.errors = vErrors;
return false;
break;
}
}
}
else {
validate19.errors = [{instancePath:instancePath+"/value",schemaPath:"#/properties/value/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
else {
validate19.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate19.errors = vErrors;
return errors === 0;
}

const check10 = validate20;
const schema21 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"instance":{"type":"string"},"what":{"type":"string","enum":["started","ready","signalled","exited"]},"pid":{"type":"number"},"signal":{"type":"string"},"exitCode":{"type":"number"},"unasked":{"type":"boolean","const":true}},"required":["atMs","instance","what"]};

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.instance === undefined) && (missing0 = "instance"))) || ((data.what === undefined) && (missing0 = "what"))){
validate20.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate20.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.instance !== undefined){
const _errs3 = errors;
if(typeof data.instance !== "string"){
validate20.errors = [{instancePath:instancePath+"/instance",schemaPath:"#/properties/instance/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.what !== undefined){
let data2 = data.what;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate20.errors = [{instancePath:instancePath+"/what",schemaPath:"#/properties/what/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data2 === "started") || (data2 === "ready")) || (data2 === "signalled")) || (data2 === "exited"))){
validate20.errors = [{instancePath:instancePath+"/what",schemaPath:"#/properties/what/enum",keyword:"enum",params:{allowedValues: schema21.properties.what.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.pid !== undefined){
const _errs7 = errors;
if(!(typeof data.pid == "number")){
validate20.errors = [{instancePath:instancePath+"/pid",schemaPath:"#/properties/pid/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.signal !== undefined){
const _errs9 = errors;
if(typeof data.signal !== "string"){
validate20.errors = [{instancePath:instancePath+"/signal",schemaPath:"#/properties/signal/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.exitCode !== undefined){
const _errs11 = errors;
if(!(typeof data.exitCode == "number")){
validate20.errors = [{instancePath:instancePath+"/exitCode",schemaPath:"#/properties/exitCode/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.unasked !== undefined){
let data6 = data.unasked;
const _errs13 = errors;
if(typeof data6 !== "boolean"){
validate20.errors = [{instancePath:instancePath+"/unasked",schemaPath:"#/properties/unasked/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
if(true !== data6){
validate20.errors = [{instancePath:instancePath+"/unasked",schemaPath:"#/properties/unasked/const",keyword:"const",params:{allowedValue: true},message:"must be equal to constant"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
else {
validate20.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate20.errors = vErrors;
return errors === 0;
}

const check11 = validate21;
const schema22 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"traceId":{"type":"string"},"spanId":{"type":"string"},"parentSpanId":{"type":"string"},"name":{"type":"string"},"kind":{"type":"string"},"service":{"type":"string"},"startMs":{"type":"number"},"endMs":{"type":"number"},"error":{"type":"boolean"},"attributes":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":["string","number","boolean"]}}},"required":["atMs","traceId","spanId","name","kind","service","startMs","endMs","attributes"]};

function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.traceId === undefined) && (missing0 = "traceId"))) || ((data.spanId === undefined) && (missing0 = "spanId"))) || ((data.name === undefined) && (missing0 = "name"))) || ((data.kind === undefined) && (missing0 = "kind"))) || ((data.service === undefined) && (missing0 = "service"))) || ((data.startMs === undefined) && (missing0 = "startMs"))) || ((data.endMs === undefined) && (missing0 = "endMs"))) || ((data.attributes === undefined) && (missing0 = "attributes"))){
validate21.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate21.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.traceId !== undefined){
const _errs3 = errors;
if(typeof data.traceId !== "string"){
validate21.errors = [{instancePath:instancePath+"/traceId",schemaPath:"#/properties/traceId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.spanId !== undefined){
const _errs5 = errors;
if(typeof data.spanId !== "string"){
validate21.errors = [{instancePath:instancePath+"/spanId",schemaPath:"#/properties/spanId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.parentSpanId !== undefined){
const _errs7 = errors;
if(typeof data.parentSpanId !== "string"){
validate21.errors = [{instancePath:instancePath+"/parentSpanId",schemaPath:"#/properties/parentSpanId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
const _errs9 = errors;
if(typeof data.name !== "string"){
validate21.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.kind !== undefined){
const _errs11 = errors;
if(typeof data.kind !== "string"){
validate21.errors = [{instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.service !== undefined){
const _errs13 = errors;
if(typeof data.service !== "string"){
validate21.errors = [{instancePath:instancePath+"/service",schemaPath:"#/properties/service/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.startMs !== undefined){
const _errs15 = errors;
if(!(typeof data.startMs == "number")){
validate21.errors = [{instancePath:instancePath+"/startMs",schemaPath:"#/properties/startMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.endMs !== undefined){
const _errs17 = errors;
if(!(typeof data.endMs == "number")){
validate21.errors = [{instancePath:instancePath+"/endMs",schemaPath:"#/properties/endMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.error !== undefined){
const _errs19 = errors;
if(typeof data.error !== "boolean"){
validate21.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.attributes !== undefined){
let data10 = data.attributes;
const _errs21 = errors;
if(errors === _errs21){
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
for(const key0 in data10){
const _errs23 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs23 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate21.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key1 in data10){
let data11 = data10[key1];
const _errs26 = errors;
if(((typeof data11 !== "string") && (!(typeof data11 == "number"))) && (typeof data11 !== "boolean")){
validate21.errors = [{instancePath:instancePath+"/attributes/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/attributes/additionalProperties/type",keyword:"type",params:{type: schema22.properties.attributes.additionalProperties.type},message:"must be string,number,boolean"}];
return false;
}
var valid2 = _errs26 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate21.errors = [{instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs21 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate21.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}

const check12 = validate22;
const schema23 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"receivedMs":{"type":"number"},"messageId":{"type":"string"},"from":{"type":"string"},"to":{"type":"array","items":{"type":"string"}},"subject":{"type":"string"},"text":{"type":"string"},"headers":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"string"}}},"required":["atMs","receivedMs","messageId","from","to","subject","text","headers"]};

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.receivedMs === undefined) && (missing0 = "receivedMs"))) || ((data.messageId === undefined) && (missing0 = "messageId"))) || ((data.from === undefined) && (missing0 = "from"))) || ((data.to === undefined) && (missing0 = "to"))) || ((data.subject === undefined) && (missing0 = "subject"))) || ((data.text === undefined) && (missing0 = "text"))) || ((data.headers === undefined) && (missing0 = "headers"))){
validate22.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate22.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.receivedMs !== undefined){
const _errs3 = errors;
if(!(typeof data.receivedMs == "number")){
validate22.errors = [{instancePath:instancePath+"/receivedMs",schemaPath:"#/properties/receivedMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.messageId !== undefined){
const _errs5 = errors;
if(typeof data.messageId !== "string"){
validate22.errors = [{instancePath:instancePath+"/messageId",schemaPath:"#/properties/messageId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.from !== undefined){
const _errs7 = errors;
if(typeof data.from !== "string"){
validate22.errors = [{instancePath:instancePath+"/from",schemaPath:"#/properties/from/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.to !== undefined){
let data4 = data.to;
const _errs9 = errors;
if(errors === _errs9){
if(Array.isArray(data4)){
var valid1 = true;
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
const _errs11 = errors;
if(typeof data4[i0] !== "string"){
validate22.errors = [{instancePath:instancePath+"/to/" + i0,schemaPath:"#/properties/to/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid1 = _errs11 === errors;
if(!valid1){
break;
}
}
}
else {
validate22.errors = [{instancePath:instancePath+"/to",schemaPath:"#/properties/to/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.subject !== undefined){
const _errs13 = errors;
if(typeof data.subject !== "string"){
validate22.errors = [{instancePath:instancePath+"/subject",schemaPath:"#/properties/subject/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.text !== undefined){
const _errs15 = errors;
if(typeof data.text !== "string"){
validate22.errors = [{instancePath:instancePath+"/text",schemaPath:"#/properties/text/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.headers !== undefined){
let data8 = data.headers;
const _errs17 = errors;
if(errors === _errs17){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key0 in data8){
const _errs19 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid2 = _errs19 === errors;
if(!valid2){
const err1 = {instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate22.errors = vErrors;
return false;
break;
}
}
if(valid2){
for(const key1 in data8){
const _errs22 = errors;
if(typeof data8[key1] !== "string"){
validate22.errors = [{instancePath:instancePath+"/headers/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/headers/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid3 = _errs22 === errors;
if(!valid3){
break;
}
}
}
}
else {
validate22.errors = [{instancePath:instancePath+"/headers",schemaPath:"#/properties/headers/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
else {
validate22.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}

const check13 = validate23;
const schema24 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"operation":{"type":"string"},"link":{"type":"string"},"protocol":{"type":"string","enum":["http","grpc","kafka","redis","postgres","mongodb","websocket","smtp"]},"name":{"type":"string"},"direction":{"type":"string","enum":["outgoing","incoming"]},"outcome":{"type":"string","enum":["ok","error","unanswered","one-way"]},"startMs":{"type":"number"},"endMs":{"type":"number"},"attributes":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":["string","number","boolean"]}},"connection":{"type":"string"},"traceId":{"type":"string"},"error":{"type":"string"}},"required":["atMs","operation","link","protocol","name","direction","outcome","startMs","endMs","attributes"]};

function validate23(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.operation === undefined) && (missing0 = "operation"))) || ((data.link === undefined) && (missing0 = "link"))) || ((data.protocol === undefined) && (missing0 = "protocol"))) || ((data.name === undefined) && (missing0 = "name"))) || ((data.direction === undefined) && (missing0 = "direction"))) || ((data.outcome === undefined) && (missing0 = "outcome"))) || ((data.startMs === undefined) && (missing0 = "startMs"))) || ((data.endMs === undefined) && (missing0 = "endMs"))) || ((data.attributes === undefined) && (missing0 = "attributes"))){
validate23.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate23.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.operation !== undefined){
const _errs3 = errors;
if(typeof data.operation !== "string"){
validate23.errors = [{instancePath:instancePath+"/operation",schemaPath:"#/properties/operation/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.link !== undefined){
const _errs5 = errors;
if(typeof data.link !== "string"){
validate23.errors = [{instancePath:instancePath+"/link",schemaPath:"#/properties/link/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.protocol !== undefined){
let data3 = data.protocol;
const _errs7 = errors;
if(typeof data3 !== "string"){
validate23.errors = [{instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((((((data3 === "http") || (data3 === "grpc")) || (data3 === "kafka")) || (data3 === "redis")) || (data3 === "postgres")) || (data3 === "mongodb")) || (data3 === "websocket")) || (data3 === "smtp"))){
validate23.errors = [{instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/enum",keyword:"enum",params:{allowedValues: schema24.properties.protocol.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
const _errs9 = errors;
if(typeof data.name !== "string"){
validate23.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.direction !== undefined){
let data5 = data.direction;
const _errs11 = errors;
if(typeof data5 !== "string"){
validate23.errors = [{instancePath:instancePath+"/direction",schemaPath:"#/properties/direction/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((data5 === "outgoing") || (data5 === "incoming"))){
validate23.errors = [{instancePath:instancePath+"/direction",schemaPath:"#/properties/direction/enum",keyword:"enum",params:{allowedValues: schema24.properties.direction.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.outcome !== undefined){
let data6 = data.outcome;
const _errs13 = errors;
if(typeof data6 !== "string"){
validate23.errors = [{instancePath:instancePath+"/outcome",schemaPath:"#/properties/outcome/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((((data6 === "ok") || (data6 === "error")) || (data6 === "unanswered")) || (data6 === "one-way"))){
validate23.errors = [{instancePath:instancePath+"/outcome",schemaPath:"#/properties/outcome/enum",keyword:"enum",params:{allowedValues: schema24.properties.outcome.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.startMs !== undefined){
const _errs15 = errors;
if(!(typeof data.startMs == "number")){
validate23.errors = [{instancePath:instancePath+"/startMs",schemaPath:"#/properties/startMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.endMs !== undefined){
const _errs17 = errors;
if(!(typeof data.endMs == "number")){
validate23.errors = [{instancePath:instancePath+"/endMs",schemaPath:"#/properties/endMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.attributes !== undefined){
let data9 = data.attributes;
const _errs19 = errors;
if(errors === _errs19){
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key0 in data9){
const _errs21 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs21 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate23.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key1 in data9){
let data10 = data9[key1];
const _errs24 = errors;
if(((typeof data10 !== "string") && (!(typeof data10 == "number"))) && (typeof data10 !== "boolean")){
validate23.errors = [{instancePath:instancePath+"/attributes/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/attributes/additionalProperties/type",keyword:"type",params:{type: schema24.properties.attributes.additionalProperties.type},message:"must be string,number,boolean"}];
return false;
}
var valid2 = _errs24 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate23.errors = [{instancePath:instancePath+"/attributes",schemaPath:"#/properties/attributes/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.connection !== undefined){
const _errs26 = errors;
if(typeof data.connection !== "string"){
validate23.errors = [{instancePath:instancePath+"/connection",schemaPath:"#/properties/connection/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs26 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.traceId !== undefined){
const _errs28 = errors;
if(typeof data.traceId !== "string"){
validate23.errors = [{instancePath:instancePath+"/traceId",schemaPath:"#/properties/traceId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs28 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.error !== undefined){
const _errs30 = errors;
if(typeof data.error !== "string"){
validate23.errors = [{instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs30 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate23.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate23.errors = vErrors;
return errors === 0;
}

const check14 = validate24;
const schema25 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"fault":{"type":"string"},"name":{"type":"string"},"what":{"type":"string","enum":["armed","landed","lifted"]},"target":{"type":"string"},"seed":{"type":"string"},"scenario":{"type":"string"},"parameters":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":["string","number","boolean"]}},"operation":{"type":"string"},"operationName":{"type":"string"},"evidence":{"type":"string"},"reason":{"type":"string"}},"required":["atMs","fault","name","what","target","seed"]};

function validate24(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.fault === undefined) && (missing0 = "fault"))) || ((data.name === undefined) && (missing0 = "name"))) || ((data.what === undefined) && (missing0 = "what"))) || ((data.target === undefined) && (missing0 = "target"))) || ((data.seed === undefined) && (missing0 = "seed"))){
validate24.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate24.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.fault !== undefined){
const _errs3 = errors;
if(typeof data.fault !== "string"){
validate24.errors = [{instancePath:instancePath+"/fault",schemaPath:"#/properties/fault/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
const _errs5 = errors;
if(typeof data.name !== "string"){
validate24.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.what !== undefined){
let data3 = data.what;
const _errs7 = errors;
if(typeof data3 !== "string"){
validate24.errors = [{instancePath:instancePath+"/what",schemaPath:"#/properties/what/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((data3 === "armed") || (data3 === "landed")) || (data3 === "lifted"))){
validate24.errors = [{instancePath:instancePath+"/what",schemaPath:"#/properties/what/enum",keyword:"enum",params:{allowedValues: schema25.properties.what.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.target !== undefined){
const _errs9 = errors;
if(typeof data.target !== "string"){
validate24.errors = [{instancePath:instancePath+"/target",schemaPath:"#/properties/target/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.seed !== undefined){
const _errs11 = errors;
if(typeof data.seed !== "string"){
validate24.errors = [{instancePath:instancePath+"/seed",schemaPath:"#/properties/seed/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.scenario !== undefined){
const _errs13 = errors;
if(typeof data.scenario !== "string"){
validate24.errors = [{instancePath:instancePath+"/scenario",schemaPath:"#/properties/scenario/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.parameters !== undefined){
let data7 = data.parameters;
const _errs15 = errors;
if(errors === _errs15){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
for(const key0 in data7){
const _errs17 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/parameters",schemaPath:"#/properties/parameters/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs17 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/parameters",schemaPath:"#/properties/parameters/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate24.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key1 in data7){
let data8 = data7[key1];
const _errs20 = errors;
if(((typeof data8 !== "string") && (!(typeof data8 == "number"))) && (typeof data8 !== "boolean")){
validate24.errors = [{instancePath:instancePath+"/parameters/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/parameters/additionalProperties/type",keyword:"type",params:{type: schema25.properties.parameters.additionalProperties.type},message:"must be string,number,boolean"}];
return false;
}
var valid2 = _errs20 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate24.errors = [{instancePath:instancePath+"/parameters",schemaPath:"#/properties/parameters/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.operation !== undefined){
const _errs22 = errors;
if(typeof data.operation !== "string"){
validate24.errors = [{instancePath:instancePath+"/operation",schemaPath:"#/properties/operation/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs22 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.operationName !== undefined){
const _errs24 = errors;
if(typeof data.operationName !== "string"){
validate24.errors = [{instancePath:instancePath+"/operationName",schemaPath:"#/properties/operationName/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs24 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.evidence !== undefined){
const _errs26 = errors;
if(typeof data.evidence !== "string"){
validate24.errors = [{instancePath:instancePath+"/evidence",schemaPath:"#/properties/evidence/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs26 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.reason !== undefined){
const _errs28 = errors;
if(typeof data.reason !== "string"){
validate24.errors = [{instancePath:instancePath+"/reason",schemaPath:"#/properties/reason/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs28 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate24.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate24.errors = vErrors;
return errors === 0;
}

const check15 = validate25;
const schema26 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"workload":{"type":"string"},"startMs":{"type":"number"},"endMs":{"type":"number"},"sent":{"type":"integer","minimum":0,"maximum":9007199254740991},"received":{"type":"integer","minimum":0,"maximum":9007199254740991},"lost":{"type":"integer","minimum":0,"maximum":9007199254740991},"duplicated":{"type":"integer","minimum":0,"maximum":9007199254740991},"reordered":{"type":"integer","minimum":0,"maximum":9007199254740991},"leaked":{"type":"integer","minimum":0,"maximum":9007199254740991},"sockets":{"type":"integer","minimum":0,"maximum":9007199254740991},"errors":{"type":"integer","minimum":0,"maximum":9007199254740991},"isTotal":{"type":"boolean","const":true},"latencyMs":{"type":"object","properties":{"count":{"type":"integer","minimum":0,"maximum":9007199254740991},"p50":{"type":"number","minimum":0},"p90":{"type":"number","minimum":0},"p99":{"type":"number","minimum":0},"p999":{"type":"number","minimum":0},"max":{"type":"number","minimum":0}},"required":["count","p50","p90","p99","max"]},"histogram":{"type":"object","properties":{"upToMs":{"type":"array","items":{"type":"number","minimum":0}},"counts":{"type":"array","items":{"type":"integer","minimum":0,"maximum":9007199254740991}}},"required":["upToMs","counts"]}},"required":["atMs","workload","startMs","endMs","sent","received","lost","duplicated","reordered"]};

function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.workload === undefined) && (missing0 = "workload"))) || ((data.startMs === undefined) && (missing0 = "startMs"))) || ((data.endMs === undefined) && (missing0 = "endMs"))) || ((data.sent === undefined) && (missing0 = "sent"))) || ((data.received === undefined) && (missing0 = "received"))) || ((data.lost === undefined) && (missing0 = "lost"))) || ((data.duplicated === undefined) && (missing0 = "duplicated"))) || ((data.reordered === undefined) && (missing0 = "reordered"))){
validate25.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate25.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.workload !== undefined){
const _errs3 = errors;
if(typeof data.workload !== "string"){
validate25.errors = [{instancePath:instancePath+"/workload",schemaPath:"#/properties/workload/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.startMs !== undefined){
const _errs5 = errors;
if(!(typeof data.startMs == "number")){
validate25.errors = [{instancePath:instancePath+"/startMs",schemaPath:"#/properties/startMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.endMs !== undefined){
const _errs7 = errors;
if(!(typeof data.endMs == "number")){
validate25.errors = [{instancePath:instancePath+"/endMs",schemaPath:"#/properties/endMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.sent !== undefined){
let data4 = data.sent;
const _errs9 = errors;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
validate25.errors = [{instancePath:instancePath+"/sent",schemaPath:"#/properties/sent/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs9){
if(typeof data4 == "number"){
if(data4 > 9007199254740991 || isNaN(data4)){
validate25.errors = [{instancePath:instancePath+"/sent",schemaPath:"#/properties/sent/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data4 < 0 || isNaN(data4)){
validate25.errors = [{instancePath:instancePath+"/sent",schemaPath:"#/properties/sent/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.received !== undefined){
let data5 = data.received;
const _errs11 = errors;
if(!((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5)))){
validate25.errors = [{instancePath:instancePath+"/received",schemaPath:"#/properties/received/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs11){
if(typeof data5 == "number"){
if(data5 > 9007199254740991 || isNaN(data5)){
validate25.errors = [{instancePath:instancePath+"/received",schemaPath:"#/properties/received/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data5 < 0 || isNaN(data5)){
validate25.errors = [{instancePath:instancePath+"/received",schemaPath:"#/properties/received/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.lost !== undefined){
let data6 = data.lost;
const _errs13 = errors;
if(!((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6)))){
validate25.errors = [{instancePath:instancePath+"/lost",schemaPath:"#/properties/lost/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs13){
if(typeof data6 == "number"){
if(data6 > 9007199254740991 || isNaN(data6)){
validate25.errors = [{instancePath:instancePath+"/lost",schemaPath:"#/properties/lost/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data6 < 0 || isNaN(data6)){
validate25.errors = [{instancePath:instancePath+"/lost",schemaPath:"#/properties/lost/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.duplicated !== undefined){
let data7 = data.duplicated;
const _errs15 = errors;
if(!((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7)))){
validate25.errors = [{instancePath:instancePath+"/duplicated",schemaPath:"#/properties/duplicated/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs15){
if(typeof data7 == "number"){
if(data7 > 9007199254740991 || isNaN(data7)){
validate25.errors = [{instancePath:instancePath+"/duplicated",schemaPath:"#/properties/duplicated/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data7 < 0 || isNaN(data7)){
validate25.errors = [{instancePath:instancePath+"/duplicated",schemaPath:"#/properties/duplicated/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.reordered !== undefined){
let data8 = data.reordered;
const _errs17 = errors;
if(!((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8)))){
validate25.errors = [{instancePath:instancePath+"/reordered",schemaPath:"#/properties/reordered/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs17){
if(typeof data8 == "number"){
if(data8 > 9007199254740991 || isNaN(data8)){
validate25.errors = [{instancePath:instancePath+"/reordered",schemaPath:"#/properties/reordered/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data8 < 0 || isNaN(data8)){
validate25.errors = [{instancePath:instancePath+"/reordered",schemaPath:"#/properties/reordered/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.leaked !== undefined){
let data9 = data.leaked;
const _errs19 = errors;
if(!((typeof data9 == "number") && (!(data9 % 1) && !isNaN(data9)))){
validate25.errors = [{instancePath:instancePath+"/leaked",schemaPath:"#/properties/leaked/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs19){
if(typeof data9 == "number"){
if(data9 > 9007199254740991 || isNaN(data9)){
validate25.errors = [{instancePath:instancePath+"/leaked",schemaPath:"#/properties/leaked/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data9 < 0 || isNaN(data9)){
validate25.errors = [{instancePath:instancePath+"/leaked",schemaPath:"#/properties/leaked/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.sockets !== undefined){
let data10 = data.sockets;
const _errs21 = errors;
if(!((typeof data10 == "number") && (!(data10 % 1) && !isNaN(data10)))){
validate25.errors = [{instancePath:instancePath+"/sockets",schemaPath:"#/properties/sockets/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs21){
if(typeof data10 == "number"){
if(data10 > 9007199254740991 || isNaN(data10)){
validate25.errors = [{instancePath:instancePath+"/sockets",schemaPath:"#/properties/sockets/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data10 < 0 || isNaN(data10)){
validate25.errors = [{instancePath:instancePath+"/sockets",schemaPath:"#/properties/sockets/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs21 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.errors !== undefined){
let data11 = data.errors;
const _errs23 = errors;
if(!((typeof data11 == "number") && (!(data11 % 1) && !isNaN(data11)))){
validate25.errors = [{instancePath:instancePath+"/errors",schemaPath:"#/properties/errors/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs23){
if(typeof data11 == "number"){
if(data11 > 9007199254740991 || isNaN(data11)){
validate25.errors = [{instancePath:instancePath+"/errors",schemaPath:"#/properties/errors/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data11 < 0 || isNaN(data11)){
validate25.errors = [{instancePath:instancePath+"/errors",schemaPath:"#/properties/errors/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs23 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.isTotal !== undefined){
let data12 = data.isTotal;
const _errs25 = errors;
if(typeof data12 !== "boolean"){
validate25.errors = [{instancePath:instancePath+"/isTotal",schemaPath:"#/properties/isTotal/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
if(true !== data12){
validate25.errors = [{instancePath:instancePath+"/isTotal",schemaPath:"#/properties/isTotal/const",keyword:"const",params:{allowedValue: true},message:"must be equal to constant"}];
return false;
}
var valid0 = _errs25 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.latencyMs !== undefined){
let data13 = data.latencyMs;
const _errs27 = errors;
if(errors === _errs27){
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
let missing1;
if((((((data13.count === undefined) && (missing1 = "count")) || ((data13.p50 === undefined) && (missing1 = "p50"))) || ((data13.p90 === undefined) && (missing1 = "p90"))) || ((data13.p99 === undefined) && (missing1 = "p99"))) || ((data13.max === undefined) && (missing1 = "max"))){
validate25.errors = [{instancePath:instancePath+"/latencyMs",schemaPath:"#/properties/latencyMs/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data13.count !== undefined){
let data14 = data13.count;
const _errs29 = errors;
if(!((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14)))){
validate25.errors = [{instancePath:instancePath+"/latencyMs/count",schemaPath:"#/properties/latencyMs/properties/count/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs29){
if(typeof data14 == "number"){
if(data14 > 9007199254740991 || isNaN(data14)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/count",schemaPath:"#/properties/latencyMs/properties/count/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data14 < 0 || isNaN(data14)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/count",schemaPath:"#/properties/latencyMs/properties/count/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid1 = _errs29 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data13.p50 !== undefined){
let data15 = data13.p50;
const _errs31 = errors;
if(errors === _errs31){
if(typeof data15 == "number"){
if(data15 < 0 || isNaN(data15)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/p50",schemaPath:"#/properties/latencyMs/properties/p50/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/latencyMs/p50",schemaPath:"#/properties/latencyMs/properties/p50/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs31 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data13.p90 !== undefined){
let data16 = data13.p90;
const _errs33 = errors;
if(errors === _errs33){
if(typeof data16 == "number"){
if(data16 < 0 || isNaN(data16)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/p90",schemaPath:"#/properties/latencyMs/properties/p90/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/latencyMs/p90",schemaPath:"#/properties/latencyMs/properties/p90/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs33 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data13.p99 !== undefined){
let data17 = data13.p99;
const _errs35 = errors;
if(errors === _errs35){
if(typeof data17 == "number"){
if(data17 < 0 || isNaN(data17)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/p99",schemaPath:"#/properties/latencyMs/properties/p99/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/latencyMs/p99",schemaPath:"#/properties/latencyMs/properties/p99/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs35 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data13.p999 !== undefined){
let data18 = data13.p999;
const _errs37 = errors;
if(errors === _errs37){
if(typeof data18 == "number"){
if(data18 < 0 || isNaN(data18)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/p999",schemaPath:"#/properties/latencyMs/properties/p999/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/latencyMs/p999",schemaPath:"#/properties/latencyMs/properties/p999/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs37 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data13.max !== undefined){
let data19 = data13.max;
const _errs39 = errors;
if(errors === _errs39){
if(typeof data19 == "number"){
if(data19 < 0 || isNaN(data19)){
validate25.errors = [{instancePath:instancePath+"/latencyMs/max",schemaPath:"#/properties/latencyMs/properties/max/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/latencyMs/max",schemaPath:"#/properties/latencyMs/properties/max/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs39 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/latencyMs",schemaPath:"#/properties/latencyMs/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.histogram !== undefined){
let data20 = data.histogram;
const _errs41 = errors;
if(errors === _errs41){
if(data20 && typeof data20 == "object" && !Array.isArray(data20)){
let missing2;
if(((data20.upToMs === undefined) && (missing2 = "upToMs")) || ((data20.counts === undefined) && (missing2 = "counts"))){
validate25.errors = [{instancePath:instancePath+"/histogram",schemaPath:"#/properties/histogram/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"}];
return false;
}
else {
if(data20.upToMs !== undefined){
let data21 = data20.upToMs;
const _errs43 = errors;
if(errors === _errs43){
if(Array.isArray(data21)){
var valid3 = true;
const len0 = data21.length;
for(let i0=0; i0<len0; i0++){
let data22 = data21[i0];
const _errs45 = errors;
if(errors === _errs45){
if(typeof data22 == "number"){
if(data22 < 0 || isNaN(data22)){
validate25.errors = [{instancePath:instancePath+"/histogram/upToMs/" + i0,schemaPath:"#/properties/histogram/properties/upToMs/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate25.errors = [{instancePath:instancePath+"/histogram/upToMs/" + i0,schemaPath:"#/properties/histogram/properties/upToMs/items/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid3 = _errs45 === errors;
if(!valid3){
break;
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/histogram/upToMs",schemaPath:"#/properties/histogram/properties/upToMs/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid2 = _errs43 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data20.counts !== undefined){
let data23 = data20.counts;
const _errs47 = errors;
if(errors === _errs47){
if(Array.isArray(data23)){
var valid4 = true;
const len1 = data23.length;
for(let i1=0; i1<len1; i1++){
let data24 = data23[i1];
const _errs49 = errors;
if(!((typeof data24 == "number") && (!(data24 % 1) && !isNaN(data24)))){
validate25.errors = [{instancePath:instancePath+"/histogram/counts/" + i1,schemaPath:"#/properties/histogram/properties/counts/items/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs49){
if(typeof data24 == "number"){
if(data24 > 9007199254740991 || isNaN(data24)){
validate25.errors = [{instancePath:instancePath+"/histogram/counts/" + i1,schemaPath:"#/properties/histogram/properties/counts/items/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data24 < 0 || isNaN(data24)){
validate25.errors = [{instancePath:instancePath+"/histogram/counts/" + i1,schemaPath:"#/properties/histogram/properties/counts/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid4 = _errs49 === errors;
if(!valid4){
break;
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/histogram/counts",schemaPath:"#/properties/histogram/properties/counts/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid2 = _errs47 === errors;
}
else {
var valid2 = true;
}
}
}
}
else {
validate25.errors = [{instancePath:instancePath+"/histogram",schemaPath:"#/properties/histogram/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs41 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate25.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate25.errors = vErrors;
return errors === 0;
}

const check16 = validate26;
const schema27 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"workload":{"type":"string"},"jobs":{"type":"array","items":{"type":"object","properties":{"jobId":{"type":"string"},"userId":{"type":"string"}},"required":["jobId","userId"]}}},"required":["atMs","workload","jobs"]};

function validate26(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.workload === undefined) && (missing0 = "workload"))) || ((data.jobs === undefined) && (missing0 = "jobs"))){
validate26.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate26.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.workload !== undefined){
const _errs3 = errors;
if(typeof data.workload !== "string"){
validate26.errors = [{instancePath:instancePath+"/workload",schemaPath:"#/properties/workload/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.jobs !== undefined){
let data2 = data.jobs;
const _errs5 = errors;
if(errors === _errs5){
if(Array.isArray(data2)){
var valid1 = true;
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
const _errs7 = errors;
if(errors === _errs7){
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing1;
if(((data3.jobId === undefined) && (missing1 = "jobId")) || ((data3.userId === undefined) && (missing1 = "userId"))){
validate26.errors = [{instancePath:instancePath+"/jobs/" + i0,schemaPath:"#/properties/jobs/items/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data3.jobId !== undefined){
const _errs9 = errors;
if(typeof data3.jobId !== "string"){
validate26.errors = [{instancePath:instancePath+"/jobs/" + i0+"/jobId",schemaPath:"#/properties/jobs/items/properties/jobId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs9 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data3.userId !== undefined){
const _errs11 = errors;
if(typeof data3.userId !== "string"){
validate26.errors = [{instancePath:instancePath+"/jobs/" + i0+"/userId",schemaPath:"#/properties/jobs/items/properties/userId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs11 === errors;
}
else {
var valid2 = true;
}
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/jobs/" + i0,schemaPath:"#/properties/jobs/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs7 === errors;
if(!valid1){
break;
}
}
}
else {
validate26.errors = [{instancePath:instancePath+"/jobs",schemaPath:"#/properties/jobs/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate26.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate26.errors = vErrors;
return errors === 0;
}

const check17 = validate27;
const schema28 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"workload":{"type":"string"},"claims":{"type":"string"},"limits":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"limit":{"type":"number"},"value":{"type":"number"},"isKept":{"type":"boolean"}},"required":["name","limit","isKept"]}}},"required":["atMs","workload","claims","limits"]};

function validate27(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.workload === undefined) && (missing0 = "workload"))) || ((data.claims === undefined) && (missing0 = "claims"))) || ((data.limits === undefined) && (missing0 = "limits"))){
validate27.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate27.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.workload !== undefined){
const _errs3 = errors;
if(typeof data.workload !== "string"){
validate27.errors = [{instancePath:instancePath+"/workload",schemaPath:"#/properties/workload/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.claims !== undefined){
const _errs5 = errors;
if(typeof data.claims !== "string"){
validate27.errors = [{instancePath:instancePath+"/claims",schemaPath:"#/properties/claims/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.limits !== undefined){
let data3 = data.limits;
const _errs7 = errors;
if(errors === _errs7){
if(Array.isArray(data3)){
var valid1 = true;
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
const _errs9 = errors;
if(errors === _errs9){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
let missing1;
if((((data4.name === undefined) && (missing1 = "name")) || ((data4.limit === undefined) && (missing1 = "limit"))) || ((data4.isKept === undefined) && (missing1 = "isKept"))){
validate27.errors = [{instancePath:instancePath+"/limits/" + i0,schemaPath:"#/properties/limits/items/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data4.name !== undefined){
const _errs11 = errors;
if(typeof data4.name !== "string"){
validate27.errors = [{instancePath:instancePath+"/limits/" + i0+"/name",schemaPath:"#/properties/limits/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid2 = _errs11 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data4.limit !== undefined){
const _errs13 = errors;
if(!(typeof data4.limit == "number")){
validate27.errors = [{instancePath:instancePath+"/limits/" + i0+"/limit",schemaPath:"#/properties/limits/items/properties/limit/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid2 = _errs13 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data4.value !== undefined){
const _errs15 = errors;
if(!(typeof data4.value == "number")){
validate27.errors = [{instancePath:instancePath+"/limits/" + i0+"/value",schemaPath:"#/properties/limits/items/properties/value/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid2 = _errs15 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data4.isKept !== undefined){
const _errs17 = errors;
if(typeof data4.isKept !== "boolean"){
validate27.errors = [{instancePath:instancePath+"/limits/" + i0+"/isKept",schemaPath:"#/properties/limits/items/properties/isKept/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid2 = _errs17 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
}
else {
validate27.errors = [{instancePath:instancePath+"/limits/" + i0,schemaPath:"#/properties/limits/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid1 = _errs9 === errors;
if(!valid1){
break;
}
}
}
else {
validate27.errors = [{instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate27.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate27.errors = vErrors;
return errors === 0;
}

const check18 = validate28;
const schema29 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"of":{"type":"string","enum":["harness","service","infrastructure"]},"instance":{"type":"string"},"periodMs":{"type":"number","minimum":0},"cpuCores":{"type":"number","minimum":0},"rssBytes":{"type":"integer","minimum":0,"maximum":9007199254740991},"heapUsedBytes":{"type":"integer","minimum":0,"maximum":9007199254740991},"handles":{"type":"integer","minimum":0,"maximum":9007199254740991},"eventLoopDelayMs":{"type":"object","properties":{"mean":{"type":"number","minimum":0},"p99":{"type":"number","minimum":0},"max":{"type":"number","minimum":0}},"required":["mean","p99","max"]},"heartbeatGapMs":{"type":"number","minimum":0},"cpuSlowdown":{"type":"number","minimum":0},"cpuShare":{"type":"number","minimum":0},"consumerLag":{"type":"integer","minimum":0,"maximum":9007199254740991}},"required":["atMs","of","instance","periodMs"]};

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.of === undefined) && (missing0 = "of"))) || ((data.instance === undefined) && (missing0 = "instance"))) || ((data.periodMs === undefined) && (missing0 = "periodMs"))){
validate28.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate28.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.of !== undefined){
let data1 = data.of;
const _errs3 = errors;
if(typeof data1 !== "string"){
validate28.errors = [{instancePath:instancePath+"/of",schemaPath:"#/properties/of/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((data1 === "harness") || (data1 === "service")) || (data1 === "infrastructure"))){
validate28.errors = [{instancePath:instancePath+"/of",schemaPath:"#/properties/of/enum",keyword:"enum",params:{allowedValues: schema29.properties.of.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.instance !== undefined){
const _errs5 = errors;
if(typeof data.instance !== "string"){
validate28.errors = [{instancePath:instancePath+"/instance",schemaPath:"#/properties/instance/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.periodMs !== undefined){
let data3 = data.periodMs;
const _errs7 = errors;
if(errors === _errs7){
if(typeof data3 == "number"){
if(data3 < 0 || isNaN(data3)){
validate28.errors = [{instancePath:instancePath+"/periodMs",schemaPath:"#/properties/periodMs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/periodMs",schemaPath:"#/properties/periodMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.cpuCores !== undefined){
let data4 = data.cpuCores;
const _errs9 = errors;
if(errors === _errs9){
if(typeof data4 == "number"){
if(data4 < 0 || isNaN(data4)){
validate28.errors = [{instancePath:instancePath+"/cpuCores",schemaPath:"#/properties/cpuCores/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/cpuCores",schemaPath:"#/properties/cpuCores/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.rssBytes !== undefined){
let data5 = data.rssBytes;
const _errs11 = errors;
if(!((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5)))){
validate28.errors = [{instancePath:instancePath+"/rssBytes",schemaPath:"#/properties/rssBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs11){
if(typeof data5 == "number"){
if(data5 > 9007199254740991 || isNaN(data5)){
validate28.errors = [{instancePath:instancePath+"/rssBytes",schemaPath:"#/properties/rssBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data5 < 0 || isNaN(data5)){
validate28.errors = [{instancePath:instancePath+"/rssBytes",schemaPath:"#/properties/rssBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.heapUsedBytes !== undefined){
let data6 = data.heapUsedBytes;
const _errs13 = errors;
if(!((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6)))){
validate28.errors = [{instancePath:instancePath+"/heapUsedBytes",schemaPath:"#/properties/heapUsedBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs13){
if(typeof data6 == "number"){
if(data6 > 9007199254740991 || isNaN(data6)){
validate28.errors = [{instancePath:instancePath+"/heapUsedBytes",schemaPath:"#/properties/heapUsedBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data6 < 0 || isNaN(data6)){
validate28.errors = [{instancePath:instancePath+"/heapUsedBytes",schemaPath:"#/properties/heapUsedBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.handles !== undefined){
let data7 = data.handles;
const _errs15 = errors;
if(!((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7)))){
validate28.errors = [{instancePath:instancePath+"/handles",schemaPath:"#/properties/handles/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs15){
if(typeof data7 == "number"){
if(data7 > 9007199254740991 || isNaN(data7)){
validate28.errors = [{instancePath:instancePath+"/handles",schemaPath:"#/properties/handles/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data7 < 0 || isNaN(data7)){
validate28.errors = [{instancePath:instancePath+"/handles",schemaPath:"#/properties/handles/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.eventLoopDelayMs !== undefined){
let data8 = data.eventLoopDelayMs;
const _errs17 = errors;
if(errors === _errs17){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
let missing1;
if((((data8.mean === undefined) && (missing1 = "mean")) || ((data8.p99 === undefined) && (missing1 = "p99"))) || ((data8.max === undefined) && (missing1 = "max"))){
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs",schemaPath:"#/properties/eventLoopDelayMs/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data8.mean !== undefined){
let data9 = data8.mean;
const _errs19 = errors;
if(errors === _errs19){
if(typeof data9 == "number"){
if(data9 < 0 || isNaN(data9)){
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs/mean",schemaPath:"#/properties/eventLoopDelayMs/properties/mean/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs/mean",schemaPath:"#/properties/eventLoopDelayMs/properties/mean/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs19 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data8.p99 !== undefined){
let data10 = data8.p99;
const _errs21 = errors;
if(errors === _errs21){
if(typeof data10 == "number"){
if(data10 < 0 || isNaN(data10)){
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs/p99",schemaPath:"#/properties/eventLoopDelayMs/properties/p99/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs/p99",schemaPath:"#/properties/eventLoopDelayMs/properties/p99/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs21 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data8.max !== undefined){
let data11 = data8.max;
const _errs23 = errors;
if(errors === _errs23){
if(typeof data11 == "number"){
if(data11 < 0 || isNaN(data11)){
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs/max",schemaPath:"#/properties/eventLoopDelayMs/properties/max/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs/max",schemaPath:"#/properties/eventLoopDelayMs/properties/max/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid1 = _errs23 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
else {
validate28.errors = [{instancePath:instancePath+"/eventLoopDelayMs",schemaPath:"#/properties/eventLoopDelayMs/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.heartbeatGapMs !== undefined){
let data12 = data.heartbeatGapMs;
const _errs25 = errors;
if(errors === _errs25){
if(typeof data12 == "number"){
if(data12 < 0 || isNaN(data12)){
validate28.errors = [{instancePath:instancePath+"/heartbeatGapMs",schemaPath:"#/properties/heartbeatGapMs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/heartbeatGapMs",schemaPath:"#/properties/heartbeatGapMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid0 = _errs25 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.cpuSlowdown !== undefined){
let data13 = data.cpuSlowdown;
const _errs27 = errors;
if(errors === _errs27){
if(typeof data13 == "number"){
if(data13 < 0 || isNaN(data13)){
validate28.errors = [{instancePath:instancePath+"/cpuSlowdown",schemaPath:"#/properties/cpuSlowdown/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/cpuSlowdown",schemaPath:"#/properties/cpuSlowdown/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid0 = _errs27 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.cpuShare !== undefined){
let data14 = data.cpuShare;
const _errs29 = errors;
if(errors === _errs29){
if(typeof data14 == "number"){
if(data14 < 0 || isNaN(data14)){
validate28.errors = [{instancePath:instancePath+"/cpuShare",schemaPath:"#/properties/cpuShare/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
else {
validate28.errors = [{instancePath:instancePath+"/cpuShare",schemaPath:"#/properties/cpuShare/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
}
var valid0 = _errs29 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.consumerLag !== undefined){
let data15 = data.consumerLag;
const _errs31 = errors;
if(!((typeof data15 == "number") && (!(data15 % 1) && !isNaN(data15)))){
validate28.errors = [{instancePath:instancePath+"/consumerLag",schemaPath:"#/properties/consumerLag/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs31){
if(typeof data15 == "number"){
if(data15 > 9007199254740991 || isNaN(data15)){
validate28.errors = [{instancePath:instancePath+"/consumerLag",schemaPath:"#/properties/consumerLag/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data15 < 0 || isNaN(data15)){
validate28.errors = [{instancePath:instancePath+"/consumerLag",schemaPath:"#/properties/consumerLag/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs31 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate28.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate28.errors = vErrors;
return errors === 0;
}

const check19 = validate29;
const schema30 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"instance":{"type":"string"},"probe":{"type":"string","enum":["livez","readyz"]},"outcome":{"type":"string","enum":["ok","failing","no-answer"]},"status":{"type":"number"},"detail":{"type":"string"},"beforeMs":{"type":"number"},"isLast":{"type":"boolean","const":true}},"required":["atMs","instance","probe","outcome"]};

function validate29(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.instance === undefined) && (missing0 = "instance"))) || ((data.probe === undefined) && (missing0 = "probe"))) || ((data.outcome === undefined) && (missing0 = "outcome"))){
validate29.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate29.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.instance !== undefined){
const _errs3 = errors;
if(typeof data.instance !== "string"){
validate29.errors = [{instancePath:instancePath+"/instance",schemaPath:"#/properties/instance/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.probe !== undefined){
let data2 = data.probe;
const _errs5 = errors;
if(typeof data2 !== "string"){
validate29.errors = [{instancePath:instancePath+"/probe",schemaPath:"#/properties/probe/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!((data2 === "livez") || (data2 === "readyz"))){
validate29.errors = [{instancePath:instancePath+"/probe",schemaPath:"#/properties/probe/enum",keyword:"enum",params:{allowedValues: schema30.properties.probe.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.outcome !== undefined){
let data3 = data.outcome;
const _errs7 = errors;
if(typeof data3 !== "string"){
validate29.errors = [{instancePath:instancePath+"/outcome",schemaPath:"#/properties/outcome/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if(!(((data3 === "ok") || (data3 === "failing")) || (data3 === "no-answer"))){
validate29.errors = [{instancePath:instancePath+"/outcome",schemaPath:"#/properties/outcome/enum",keyword:"enum",params:{allowedValues: schema30.properties.outcome.enum},message:"must be equal to one of the allowed values"}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.status !== undefined){
const _errs9 = errors;
if(!(typeof data.status == "number")){
validate29.errors = [{instancePath:instancePath+"/status",schemaPath:"#/properties/status/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.detail !== undefined){
const _errs11 = errors;
if(typeof data.detail !== "string"){
validate29.errors = [{instancePath:instancePath+"/detail",schemaPath:"#/properties/detail/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs11 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.beforeMs !== undefined){
const _errs13 = errors;
if(!(typeof data.beforeMs == "number")){
validate29.errors = [{instancePath:instancePath+"/beforeMs",schemaPath:"#/properties/beforeMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs13 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.isLast !== undefined){
let data7 = data.isLast;
const _errs15 = errors;
if(typeof data7 !== "boolean"){
validate29.errors = [{instancePath:instancePath+"/isLast",schemaPath:"#/properties/isLast/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
if(true !== data7){
validate29.errors = [{instancePath:instancePath+"/isLast",schemaPath:"#/properties/isLast/const",keyword:"const",params:{allowedValue: true},message:"must be equal to constant"}];
return false;
}
var valid0 = _errs15 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
else {
validate29.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate29.errors = vErrors;
return errors === 0;
}

const check20 = validate30;
const schema31 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"instance":{"type":"string"},"counters":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"number"}},"gauges":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"number"}},"histograms":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"object","properties":{"upTo":{"type":"array","items":{"type":"string"}},"buckets":{"type":"array","items":{"type":"number"}},"count":{"type":"number"},"sum":{"type":"number"}},"required":["upTo","buckets","count","sum"]}},"left":{"type":"integer","minimum":0,"maximum":9007199254740991}},"required":["atMs","instance","counters","gauges","histograms"]};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.instance === undefined) && (missing0 = "instance"))) || ((data.counters === undefined) && (missing0 = "counters"))) || ((data.gauges === undefined) && (missing0 = "gauges"))) || ((data.histograms === undefined) && (missing0 = "histograms"))){
validate30.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate30.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.instance !== undefined){
const _errs3 = errors;
if(typeof data.instance !== "string"){
validate30.errors = [{instancePath:instancePath+"/instance",schemaPath:"#/properties/instance/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.counters !== undefined){
let data2 = data.counters;
const _errs5 = errors;
if(errors === _errs5){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key0 in data2){
const _errs7 = errors;
if(typeof key0 !== "string"){
const err0 = {instancePath:instancePath+"/counters",schemaPath:"#/properties/counters/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid1 = _errs7 === errors;
if(!valid1){
const err1 = {instancePath:instancePath+"/counters",schemaPath:"#/properties/counters/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
validate30.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key1 in data2){
const _errs10 = errors;
if(!(typeof data2[key1] == "number")){
validate30.errors = [{instancePath:instancePath+"/counters/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/counters/additionalProperties/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid2 = _errs10 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate30.errors = [{instancePath:instancePath+"/counters",schemaPath:"#/properties/counters/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.gauges !== undefined){
let data4 = data.gauges;
const _errs12 = errors;
if(errors === _errs12){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key2 in data4){
const _errs14 = errors;
if(typeof key2 !== "string"){
const err2 = {instancePath:instancePath+"/gauges",schemaPath:"#/properties/gauges/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key2};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var valid3 = _errs14 === errors;
if(!valid3){
const err3 = {instancePath:instancePath+"/gauges",schemaPath:"#/properties/gauges/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
validate30.errors = vErrors;
return false;
break;
}
}
if(valid3){
for(const key3 in data4){
const _errs17 = errors;
if(!(typeof data4[key3] == "number")){
validate30.errors = [{instancePath:instancePath+"/gauges/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/gauges/additionalProperties/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid4 = _errs17 === errors;
if(!valid4){
break;
}
}
}
}
else {
validate30.errors = [{instancePath:instancePath+"/gauges",schemaPath:"#/properties/gauges/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.histograms !== undefined){
let data6 = data.histograms;
const _errs19 = errors;
if(errors === _errs19){
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key4 in data6){
const _errs21 = errors;
if(typeof key4 !== "string"){
const err4 = {instancePath:instancePath+"/histograms",schemaPath:"#/properties/histograms/propertyNames/type",keyword:"type",params:{type: "string"},message:"must be string",propertyName:key4};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var valid5 = _errs21 === errors;
if(!valid5){
const err5 = {instancePath:instancePath+"/histograms",schemaPath:"#/properties/histograms/propertyNames",keyword:"propertyNames",params:{propertyName: key4},message:"property name must be valid"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
validate30.errors = vErrors;
return false;
break;
}
}
if(valid5){
for(const key5 in data6){
let data7 = data6[key5];
const _errs24 = errors;
if(errors === _errs24){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
let missing1;
if(((((data7.upTo === undefined) && (missing1 = "upTo")) || ((data7.buckets === undefined) && (missing1 = "buckets"))) || ((data7.count === undefined) && (missing1 = "count"))) || ((data7.sum === undefined) && (missing1 = "sum"))){
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/histograms/additionalProperties/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
if(data7.upTo !== undefined){
let data8 = data7.upTo;
const _errs26 = errors;
if(errors === _errs26){
if(Array.isArray(data8)){
var valid8 = true;
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
const _errs28 = errors;
if(typeof data8[i0] !== "string"){
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/upTo/" + i0,schemaPath:"#/properties/histograms/additionalProperties/properties/upTo/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid8 = _errs28 === errors;
if(!valid8){
break;
}
}
}
else {
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/upTo",schemaPath:"#/properties/histograms/additionalProperties/properties/upTo/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid7 = _errs26 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data7.buckets !== undefined){
let data10 = data7.buckets;
const _errs30 = errors;
if(errors === _errs30){
if(Array.isArray(data10)){
var valid9 = true;
const len1 = data10.length;
for(let i1=0; i1<len1; i1++){
const _errs32 = errors;
if(!(typeof data10[i1] == "number")){
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/buckets/" + i1,schemaPath:"#/properties/histograms/additionalProperties/properties/buckets/items/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid9 = _errs32 === errors;
if(!valid9){
break;
}
}
}
else {
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/buckets",schemaPath:"#/properties/histograms/additionalProperties/properties/buckets/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid7 = _errs30 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data7.count !== undefined){
const _errs34 = errors;
if(!(typeof data7.count == "number")){
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/count",schemaPath:"#/properties/histograms/additionalProperties/properties/count/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid7 = _errs34 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data7.sum !== undefined){
const _errs36 = errors;
if(!(typeof data7.sum == "number")){
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/sum",schemaPath:"#/properties/histograms/additionalProperties/properties/sum/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid7 = _errs36 === errors;
}
else {
var valid7 = true;
}
}
}
}
}
}
else {
validate30.errors = [{instancePath:instancePath+"/histograms/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/histograms/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid6 = _errs24 === errors;
if(!valid6){
break;
}
}
}
}
else {
validate30.errors = [{instancePath:instancePath+"/histograms",schemaPath:"#/properties/histograms/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.left !== undefined){
let data14 = data.left;
const _errs38 = errors;
if(!((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14)))){
validate30.errors = [{instancePath:instancePath+"/left",schemaPath:"#/properties/left/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
if(errors === _errs38){
if(typeof data14 == "number"){
if(data14 > 9007199254740991 || isNaN(data14)){
validate30.errors = [{instancePath:instancePath+"/left",schemaPath:"#/properties/left/maximum",keyword:"maximum",params:{comparison: "<=", limit: 9007199254740991},message:"must be <= 9007199254740991"}];
return false;
}
else {
if(data14 < 0 || isNaN(data14)){
validate30.errors = [{instancePath:instancePath+"/left",schemaPath:"#/properties/left/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"}];
return false;
}
}
}
}
var valid0 = _errs38 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
else {
validate30.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate30.errors = vErrors;
return errors === 0;
}

const check21 = validate31;
const schema32 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"atMs":{"type":"number"},"instance":{"type":"string"},"text":{"type":"string"}},"required":["atMs","instance","text"]};

function validate31(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.atMs === undefined) && (missing0 = "atMs")) || ((data.instance === undefined) && (missing0 = "instance"))) || ((data.text === undefined) && (missing0 = "text"))){
validate31.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
if(data.atMs !== undefined){
const _errs1 = errors;
if(!(typeof data.atMs == "number")){
validate31.errors = [{instancePath:instancePath+"/atMs",schemaPath:"#/properties/atMs/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid0 = _errs1 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.instance !== undefined){
const _errs3 = errors;
if(typeof data.instance !== "string"){
validate31.errors = [{instancePath:instancePath+"/instance",schemaPath:"#/properties/instance/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs3 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.text !== undefined){
const _errs5 = errors;
if(typeof data.text !== "string"){
validate31.errors = [{instancePath:instancePath+"/text",schemaPath:"#/properties/text/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid0 = _errs5 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
else {
validate31.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate31.errors = vErrors;
return errors === 0;
}


/** By type of event: whether a parsed line has the fields of that type. */
export const EVENT_CHECKS = {
  'run-started': check0,
  'scenario-started': check1,
  'scenario-ended': check2,
  'source-closed': check3,
  'invoke': check4,
  'ok': check5,
  'fail': check5,
  'info': check5,
  'ws': check6,
  'kafka': check7,
  'eventstore': check8,
  'state': check9,
  'process': check10,
  'span': check11,
  'mail': check12,
  'wire-operation': check13,
  'fault': check14,
  'load-sample': check15,
  'load-jobs': check16,
  'load-result': check17,
  'resource-sample': check18,
  'health': check19,
  'metrics': check20,
  'log': check21,
};
