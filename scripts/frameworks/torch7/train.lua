-- Train a fully connected network on MNIST with Torch7.

require 'torch'
require 'nn'
require 'optim'
require 'paths'

local tensor_types = {float32 = 'torch.FloatTensor', float64 = 'torch.DoubleTensor'}
local activations = {tanh = nn.Tanh, relu = nn.ReLU, sigmoid = nn.Sigmoid}
local optimizers = {sgd = optim.sgd, adam = optim.adam}
local partial_batches = {keep = true, drop = true, wrap = true}

local function refuse(reason)
   io.stderr:write('train.lua: ', reason, '\n')
   os.exit(1)
end

local function read_options()
   local cmd = torch.CmdLine()
   cmd:text('Train a fully connected network on MNIST with Torch7.')
   cmd:option('--train-images', 'train-images.f32', 'float32 [n, inputs]')
   cmd:option('--train-labels', 'train-labels.u8', 'uint8 [n]')
   cmd:option('--initial-weights', 'initial-weights.f32', 'float32, layer by layer')
   cmd:option('--model', 'model', 'the folder to write')
   cmd:option('--inputs', 784, 'numbers an image')
   cmd:option('--hidden-layers', 1, 'how many')
   cmd:option('--hidden-units', 100, 'in each hidden layer')
   cmd:option('--activation', 'tanh', 'tanh, relu or sigmoid')
   cmd:option('--optimizer', 'sgd', 'sgd or adam')
   cmd:option('--learning-rate', 0.01, 'of the first step')
   cmd:option('--learning-rate-gamma', 0, 'how fast the rate falls')
   cmd:option('--learning-rate-power', 1, 'and by which power')
   cmd:option('--momentum', 0, 'of sgd')
   cmd:option('--dampening', 0, 'of sgd')
   cmd:option('--nesterov', false, 'of sgd')
   cmd:option('--beta1', 0.9, 'of adam')
   cmd:option('--beta2', 0.999, 'of adam')
   cmd:option('--epsilon', 1e-8, 'of adam')
   cmd:option('--weight-decay', 0, 'of weights and biases')
   cmd:option('--batch-size', 128, 'images a step')
   cmd:option('--partial-batch', 'keep', 'keep, drop or wrap')
   cmd:option('--epochs', 10, 'how many')
   cmd:option('--shuffle', false, 'the images, anew in each epoch')
   cmd:option('--seed', 1, 'of the shuffling')
   cmd:option('--precision', 'float32', 'float32 or float64')
   local opt = cmd:parse(arg)

   local choices = {
      activation = activations,
      optimizer = optimizers,
      precision = tensor_types,
      ['partial-batch'] = partial_batches,
   }
   for name, known in pairs(choices) do
      if not known[opt[name]] then
         refuse('cannot take --' .. name .. ' ' .. opt[name])
      end
   end
   if opt.optimizer == 'sgd' then
      if opt.nesterov and (opt.momentum == 0 or opt.dampening ~= 0) then
         refuse('optim.sgd cannot take Nesterov steps without momentum or with dampening')
      elseif opt.dampening ~= 0 and opt.momentum == 0 then
         refuse('optim.sgd cannot dampen without momentum')
      end
   end
   return opt
end

local function read_floats(name)
   local file = torch.DiskFile(name):binary():littleEndianEncoding()
   file:seekEnd()
   local count = (file:position() - 1) / 4
   file:seek(1)
   local numbers = torch.FloatTensor(file:readFloat(count))
   file:close()
   return numbers
end

local function build_model(opt)
   local model = nn.Sequential()
   local inputs = opt.inputs
   for _ = 1, opt['hidden-layers'] do
      model:add(nn.Linear(inputs, opt['hidden-units']))
      model:add(activations[opt.activation]())
      inputs = opt['hidden-units']
   end
   model:add(nn.Linear(inputs, 10))
   -- Nobody needs the gradient with respect to the images.
   model:get(1).gradInput = nil
   return model
end

-- Fill the layers from one flat tensor that holds, layer by layer, weights and biases.
local function set_weights(model, weights)
   local first = 1
   for _, layer in ipairs(model:findModules('nn.Linear')) do
      local outputs, inputs = layer.weight:size(1), layer.weight:size(2)
      layer.weight:copy(weights:narrow(1, first, inputs * outputs):view(inputs, outputs):t())
      layer.bias:copy(weights:narrow(1, first + inputs * outputs, outputs))
      first = first + (inputs + 1) * outputs
   end
end

-- Each line arrives at once, also in a pipe. (The print of th would end it with a tab.)
io.stdout:setvbuf('line')
local opt = read_options()
torch.setdefaulttensortype(tensor_types[opt.precision])
torch.manualSeed(opt.seed)
io.write('ready\n')

local images = read_floats(opt['train-images'])
images = images:view(-1, opt.inputs):type(torch.getdefaulttensortype())
local label_file = torch.DiskFile(opt['train-labels']):binary()
-- Torch counts classes from 1.
local labels = torch.ByteTensor(label_file:readByte(images:size(1))):long():add(1)
label_file:close()
io.write('loaded\n')

local model = build_model(opt)
set_weights(model, read_floats(opt['initial-weights']))
local criterion = nn.CrossEntropyCriterion()
local parameters, gradients = model:getParameters()
local optimizer = optimizers[opt.optimizer]
local config = {
   learningRate = opt['learning-rate'],
   momentum = opt.momentum,
   dampening = opt.dampening,
   nesterov = opt.nesterov,
   beta1 = opt.beta1,
   beta2 = opt.beta2,
   epsilon = opt.epsilon,
   weightDecay = opt['weight-decay'],
}
local state = {}
io.write('built\n')

local function set_learning_rate(step)
   local falls = (1 + opt['learning-rate-gamma'] * step) ^ -opt['learning-rate-power']
   local rate = opt['learning-rate'] * falls
   if state.dfdx then
      -- optim.sgd would multiply its whole velocity by the new rate; each gradient keeps its own.
      state.dfdx:mul(config.learningRate / rate)
   end
   config.learningRate = rate
end

local batch_images, batch_labels = torch.Tensor(), torch.LongTensor()

-- What optim asks for: the loss and its gradient at the present parameters.
local function feval()
   gradients:zero()
   local scores = model:forward(batch_images)
   local loss = criterion:forward(scores, batch_labels)
   model:backward(batch_images, criterion:backward(scores, batch_labels))
   return loss, gradients
end

model:training()
local count = images:size(1)
local step = 0
local left_over
for epoch = 1, opt.epochs do
   local order = opt.shuffle and torch.randperm(count) or torch.range(1, count)
   order = order:long()
   if left_over then
      order = torch.cat(left_over, order)
      left_over = nil
   end
   for _, batch in ipairs(order:split(opt['batch-size'])) do
      local is_whole = batch:size(1) == opt['batch-size']
      if is_whole or opt['partial-batch'] == 'keep' then
         batch_images:index(images, 1, batch)
         batch_labels:index(labels, 1, batch)
         if opt['learning-rate-gamma'] ~= 0 then
            set_learning_rate(step)
         end
         optimizer(feval, parameters, config, state)
         step = step + 1
      elseif opt['partial-batch'] == 'wrap' then
         left_over = batch
      end
   end
   io.write('epoch ', epoch, '\n')
end

paths.mkdir(opt.model)
torch.save(paths.concat(opt.model, 'model.t7'), model:clearState())
io.write('saved\n')
