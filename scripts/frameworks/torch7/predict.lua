-- Score the MNIST test images with a network that train.lua has saved.

require 'torch'
require 'nn'
require 'paths'

local tensor_types = {float32 = 'torch.FloatTensor', float64 = 'torch.DoubleTensor'}

local cmd = torch.CmdLine()
cmd:text('Score the MNIST test images with a network that train.lua has saved.')
cmd:option('--model', 'model', 'the folder that train.lua has written')
cmd:option('--test-images', 'test-images.f32', 'float32 [n, inputs]')
cmd:option('--scores', 'scores.f32', 'float32 [n, 10], to write')
cmd:option('--inputs', 784, 'numbers an image')
cmd:option('--hidden-layers', 1, 'is in the model')
cmd:option('--hidden-units', 100, 'is in the model')
cmd:option('--activation', 'tanh', 'is in the model')
cmd:option('--batch-size', 128, 'images at a time')
cmd:option('--repeats', 1, 'how often to predict all images')
cmd:option('--precision', 'float32', 'float32 or float64')
-- Each line arrives at once, also in a pipe. (The print of th would end it with a tab.)
io.stdout:setvbuf('line')
local opt = cmd:parse(arg)
if not tensor_types[opt.precision] then
   io.stderr:write('predict.lua: cannot take --precision ', opt.precision, '\n')
   os.exit(1)
end
torch.setdefaulttensortype(tensor_types[opt.precision])
io.write('ready\n')

local file = torch.DiskFile(opt['test-images']):binary():littleEndianEncoding()
file:seekEnd()
local count = (file:position() - 1) / 4
file:seek(1)
local images = torch.FloatTensor(file:readFloat(count)):view(-1, opt.inputs)
images = images:type(torch.getdefaulttensortype())
file:close()
io.write('loaded\n')

local model = torch.load(paths.concat(opt.model, 'model.t7'))
model:type(torch.getdefaulttensortype())
model:evaluate()
io.write('built\n')

local scores = torch.Tensor(images:size(1), 10)
for i = 1, opt.repeats do
   local score_batches = scores:split(opt['batch-size'])
   for j, batch in ipairs(images:split(opt['batch-size'])) do
      score_batches[j]:copy(model:forward(batch))
   end
   io.write('predicted ', i, '\n')
end

file = torch.DiskFile(opt.scores, 'w'):binary():littleEndianEncoding()
file:writeFloat(scores:float():storage())
file:close()
io.write('saved\n')
